/** The gates that are in force, of each index: what `.pipl` said when it was last taken. */
import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const gates: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`create table registry_gates (index_name text primary key, gate text not null)`.execute(db);
  },
};
