/**
 * The end of the feed as one transaction sees it: for a release guard, which may not look at a feed that is
 * behind the rows it is asked about.
 */
import type { Change, Row } from '@pipl/packl';
import { changeOf } from './feed.ts';
import { readRows, rowOf } from '../reading/rows.ts';
import type { Queries } from '../state/tables.ts';

/** Changes after `since`, oldest first, each with the row it is about as it is now. */
export async function unseenChanges(
  tx: Queries,
  since: number,
): Promise<readonly { readonly change: Change; readonly row?: Row }[]> {
  const lines = await tx
    .selectFrom('registry_changes')
    .selectAll()
    .where('seq', '>', since)
    .orderBy('seq')
    .execute();
  const unseen: { change: Change; row?: Row }[] = [];
  for (const change of lines.map(changeOf)) {
    const { index, name, version } = change;
    const [row] = version === '' ? [] : await readRows(tx, { indexes: [index], name, version });
    unseen.push(row === undefined ? { change } : { change, row: rowOf(row) });
  }
  return unseen;
}
