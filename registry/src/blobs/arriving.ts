/**
 * Little content on its way to the disk. Its bytes stand in the database from the transaction that names it until
 * its file is on disk, so that one flush makes both durable and no publish waits for a second and a third.
 *
 * A row is a promise kept twice at most: whoever finds one may write the file again and forget the row, in any
 * process and at any time (`folder-mend.ts`). Nobody forgets one before the file is on disk.
 */
import { randomInt } from 'node:crypto';
import { statement } from '../state/statement.ts';
import type { Database, Queries } from '../state/tables.ts';

/** Bytes. What is bigger is as fast in a file of its own: everything in the database is written twice. */
export const mostInDatabase = 256 * 1024;

export interface Arrived {
  readonly id: number;
  readonly integrity: string;
}

/** What this process has on its way. */
export interface Arriving extends Arrived {
  /** bytes */
  readonly size: number;
}

/** Few rows are there at a time: two by chance alike is nothing that happens. */
const ids = 2 ** 48 - 1;

export const arrivedNow = (integrity: string, { length: size }: Uint8Array): Arriving => ({
  id: randomInt(ids),
  integrity,
  size,
});

const insert = statement(['id', 'integrity', 'bytes'], (tx, row) =>
  tx.insertInto('registry_arriving').values(row),
);

/** In the transaction that names the content. */
export async function noteArrived(tx: Queries, { id, integrity }: Arrived, bytes: Uint8Array): Promise<void> {
  await insert(tx, { id, integrity, bytes });
}

/** @param only these; absent: all there are, whoever noted them */
export async function arrivedIn(db: Queries, only?: readonly number[]): Promise<Arrived[]> {
  const rows = db.selectFrom('registry_arriving').select(['id', 'integrity']);
  return (only === undefined ? rows : rows.where('id', 'in', only)).orderBy('id').execute();
}

/** undefined: it was forgotten meanwhile, so its file is on disk. */
export async function bytesArrived(db: Queries, { id }: Arrived): Promise<Uint8Array | undefined> {
  const row = await db
    .selectFrom('registry_arriving')
    .select('bytes')
    .where('id', '=', id)
    .executeTakeFirst();
  return row?.bytes;
}

/** Only of what is on disk, or of what nobody needs. */
export async function forgetArrived(tx: Database | Queries, some: readonly Arrived[]): Promise<void> {
  if (some.length === 0) return;
  const numbers = some.map(({ id }) => id);
  await tx.deleteFrom('registry_arriving').where('id', 'in', numbers).execute();
}
