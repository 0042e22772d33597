/**
 * The reactor's memory: its records in SQL, the feed's cursor among them.
 *
 * One step of the reactor is one transaction: the records it wrote are there together or not at all. What
 * they mean is the step's business. Where several server processes share a database, whoever took over last may
 * write; one that was replaced learns it before it has written anything.
 */
import { piplError } from '@pipl/packl';
import type { Kysely } from 'kysely';
import { isRecordWrite, type RecordWrite, type StoredRecord, type Write } from './step/index.ts';
import type { CiTables } from './tables.ts';

export interface Ledger {
  /** of its last takeover */
  readonly epoch: number;
  /** Takes over, and reads everything. @param url of the server that does, for others to find it */
  load(url?: string): Promise<StoredRecord[]>;
  /**
   * @param inside runs as the last thing inside the transaction; the caller undoes it when this rejects
   * @throws PIPL_REACTOR_REPLACED when another process took over
   */
  commit(writes: readonly Write[], inside: () => void): Promise<void>;
}

export function openLedger(db: Kysely<CiTables>): Ledger {
  let turn = { epoch: 0, place: 0 };
  return {
    get epoch() {
      return turn.epoch;
    },
    load: (url) =>
      db.transaction().execute(async (tx) => {
        const { epoch } = await tx
          .updateTable('ci_reactor')
          .set((expression) => ({ epoch: expression('epoch', '+', 1), url: url ?? null }))
          .returning('epoch')
          .executeTakeFirstOrThrow();
        const last = await tx
          .selectFrom('ci_records')
          .select(({ fn }) => fn.max('place').as('place'))
          .executeTakeFirst();
        turn = { epoch, place: last?.place ?? 0 };
        return readRecords(tx);
      }),

    async commit(writes, inside) {
      await db.transaction().execute(async (tx) => {
        await takeTurn(tx, turn.epoch);
        for (const write of writes.filter(isRecordWrite)) await writeRecord(tx, write, (turn.place += 1));
        inside();
      });
    },
  };
}

/** As they were first written: "the newest run" is told by the order of the records. */
export async function readRecords(db: Kysely<CiTables>): Promise<StoredRecord[]> {
  const rows = await db.selectFrom('ci_records').selectAll().orderBy('place').execute();
  return rows.map(({ table, key, value }) => ({ table, key, value: JSON.parse(value) as unknown }));
}

async function writeRecord(
  tx: Kysely<CiTables>,
  { table, key, value }: RecordWrite,
  place: number,
): Promise<void> {
  if (value === undefined) {
    await tx.deleteFrom('ci_records').where('table', '=', table).where('key', '=', key).execute();
    return;
  }
  const row = { table, key, value: JSON.stringify(value), place };
  await tx
    .insertInto('ci_records')
    .values(row)
    .onConflict((conflict) => conflict.columns(['table', 'key']).doUpdateSet({ value: row.value }))
    .execute();
}

async function takeTurn(tx: Kysely<CiTables>, epoch: number): Promise<void> {
  const mine = await tx
    .updateTable('ci_reactor')
    .set((expression) => ({ steps: expression('steps', '+', 1) }))
    .where('epoch', '=', epoch)
    .returning('steps')
    .executeTakeFirst();
  if (mine !== undefined) return;
  throw piplError('conflict', 'PIPL_REACTOR_REPLACED', {
    what: 'Another server process reacts to changes now.',
    why: 'It took over while this one had no connection to the database.',
    hint: 'Nothing is lost and nothing is to be done: this one waits for its turn.',
  });
}
