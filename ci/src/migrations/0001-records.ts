/** The first schema of the reactor: its records. */
import type { Kysely } from 'kysely';

export async function records(db: Pick<Kysely<unknown>, 'schema'>): Promise<void> {
  await db.schema
    .createTable('ci_records')
    .addColumn('table', 'text', (column) => column.notNull())
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('value', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('ci_records_key', ['table', 'key'])
    .execute();
}
