/**
 * The reactor's memory: its records in SQL, the feed's cursor among them.
 *
 * One step of the reactor is one transaction: the records it wrote are there together or not at all. What
 * they mean is the step's business.
 */
import { sql, type Kysely } from 'kysely';
import { isRecordWrite, type StoredRecord, type Write } from './step/index.ts';
import type { CiTables } from './tables.ts';

export interface Ledger {
  load(): Promise<StoredRecord[]>;
  /** @param inside runs as the last thing inside the transaction; the caller undoes it when this rejects */
  commit(writes: readonly Write[], inside: () => void): Promise<void>;
}

export function openLedger(db: Kysely<CiTables>): Ledger {
  return {
    async load() {
      // As they were first written: "the newest run" is told by the order of the records.
      const rows = await db
        .selectFrom('ci_records')
        .selectAll()
        .orderBy(sql`rowid`)
        .execute();
      return rows.map(({ table, key, value }) => ({ table, key, value: JSON.parse(value) as unknown }));
    },

    async commit(writes, inside) {
      await db.transaction().execute(async (tx) => {
        for (const { table, key, value } of writes.filter(isRecordWrite)) {
          if (value === undefined) {
            await tx.deleteFrom('ci_records').where('table', '=', table).where('key', '=', key).execute();
            continue;
          }
          const row = { table, key, value: JSON.stringify(value) };
          await tx
            .insertInto('ci_records')
            .values(row)
            .onConflict((conflict) => conflict.columns(['table', 'key']).doUpdateSet({ value: row.value }))
            .execute();
        }
        inside();
      });
    },
  };
}
