/**
 * The reactor's memory: its records in SQL, the feed's cursor among them.
 *
 * What a turn of the reactor decided is one transaction: the records it wrote are there together or not at all,
 * and with them what they grant to runs. What they mean is the step's business. The commit is shared with
 * releases that happen to come at the same time. Where several server processes share a database, whoever took
 * over last may write; one that was replaced learns it before it has written anything.
 */
import { piplError } from '@pipl/packl';
import { commitTogether } from '@pipl/registry';
import type { Kysely } from 'kysely';
import { isRecordWrite, type StoredRecord, type Write } from './step/index.ts';
import type { CiTables } from './tables.ts';

/** What else becomes true with the records. Last in the transaction, and perhaps not for the first time. */
export type Inside = (tx: Kysely<CiTables>) => void | Promise<void>;

export interface Ledger {
  /** of its last takeover */
  readonly epoch: number;
  /** Takes over, and reads everything. @param url of the server that does, for others to find it */
  load(url?: string): Promise<StoredRecord[]>;
  /**
   * Of several writes of one record the last counts.
   * @throws PIPL_REACTOR_REPLACED when another process took over
   */
  commit(writes: readonly AnyWrite[], inside: Inside): Promise<void>;
}

/** A row of the reactor, or of the handlers beside it; value undefined: to delete. */
type AnyWrite = { readonly table: string; readonly key: string; readonly value: unknown };

/** What the registry can give again is not kept; all else is, whose table it ever is. */
const isKept = (write: AnyWrite): boolean => isRecordWrite(write as Write);

/** Rows of one statement. */
const together = 50;

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
      const records = lastOfEach(writes);
      const place = turn.place;
      turn.place += records.length;
      await commitTogether(db, async (tx) => {
        await takeTurn(tx, turn.epoch);
        await removeRecords(tx, records);
        await writeRecords(tx, records, place);
        await inside(tx);
      });
    },
  };
}

/** As they were first written: "the newest run" is told by the order of the records. */
export async function readRecords(db: Kysely<CiTables>): Promise<StoredRecord[]> {
  const rows = await db.selectFrom('ci_records').selectAll().orderBy('place').execute();
  return rows.map(({ table, key, value }) => ({ table, key, value: JSON.parse(value) as unknown }));
}

const lastOfEach = (writes: readonly AnyWrite[]): AnyWrite[] => [
  ...new Map(writes.filter(isKept).map((write) => [`${write.table} ${write.key}`, write])).values(),
];

async function removeRecords(tx: Kysely<CiTables>, records: readonly AnyWrite[]): Promise<void> {
  for (const { table, key, value } of records) {
    if (value !== undefined) continue;
    await tx.deleteFrom('ci_records').where('table', '=', table).where('key', '=', key).execute();
  }
}

async function writeRecords(
  tx: Kysely<CiTables>,
  records: readonly AnyWrite[],
  place: number,
): Promise<void> {
  const rows = records.flatMap(({ table, key, value }, at) =>
    value === undefined ? [] : [{ table, key, value: JSON.stringify(value), place: place + at + 1 }],
  );
  for (let from = 0; from < rows.length; from += together) {
    await tx
      .insertInto('ci_records')
      .values(rows.slice(from, from + together))
      .onConflict((conflict) =>
        conflict.columns(['table', 'key']).doUpdateSet(({ ref }) => ({ value: ref('excluded.value') })),
      )
      .execute();
  }
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
