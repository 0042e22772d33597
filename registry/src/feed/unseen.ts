/**
 * The end of the feed as one transaction sees it: for a release guard, which may not look at a feed that is
 * behind the rows it is asked about.
 */
import type { Change, Row } from '@pipl/packl';
import { changeOf } from './feed.ts';
import { readRows, rowOf } from '../reading/rows.ts';
import type { Queries } from '../state/tables.ts';

/** Changes that leave every version as it is. */
const withoutRow: ReadonlySet<Change['op']> = new Set(['run', 'failed', 'verdict']);

/** Whether what it says can only be understood with the row of that version. */
export const isAboutRow = ({ version, op }: Pick<Change, 'version' | 'op'>): boolean =>
  version !== '' && !withoutRow.has(op);

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
    const [row] = !isAboutRow(change) ? [] : await readRows(tx, { indexes: [index], name, version });
    unseen.push(row === undefined ? { change } : { change, row: rowOf(row) });
  }
  return unseen;
}
