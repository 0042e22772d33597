/** Little content that was acknowledged and is not yet sure to be in its file. */
import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const arriving: Migration = {
  async up(db: Kysely<unknown>) {
    // SQLite takes any word for a type and keeps bytes as bytes; PostgreSQL wants its own.
    await sql`create table registry_arriving (id integer primary key, integrity text not null,
      bytes bytea not null)`.execute(db);
  },
};
