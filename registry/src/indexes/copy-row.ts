/** A version of one index under the name of another: its bytes, its manifest, its time is that of the copy. */
import type { IndexName } from '@pipl/packl';
import type { StoredRow } from '../reading/rows.ts';
import { signaturesOf } from '../signing/signatures.ts';
import type { Store } from '../state/store.ts';
import type { Queries } from '../state/tables.ts';

export interface Copying {
  readonly into: IndexName;
  readonly by: string;
  readonly at: string;
  readonly keys: Store['keys'];
  /** in whose name it comes; absent: a person's */
  readonly run?: string;
}

/** The row as it stands at its source; signed by the key of today, whose time it has. */
export async function copyRow(
  tx: Queries,
  { into, by, at, keys, run }: Copying,
  { source, seq }: { source: StoredRow; seq: number },
): Promise<void> {
  const { index, name, version } = source;
  const row = await tx
    .selectFrom('registry_versions')
    .selectAll()
    .where('index_name', '=', index)
    .where('name', '=', name)
    .where('version', '=', version)
    .executeTakeFirstOrThrow();
  await tx
    .insertInto('registry_versions')
    .values({
      ...row,
      index_name: into,
      seq,
      published_at: at,
      published_by: by,
      run: run ?? null,
      signatures: signaturesOf(keys, source),
    })
    .execute();
}
