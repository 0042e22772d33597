/** Notes on content that is being taken out of a bucket. */
import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const bucket: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`create table registry_blobs_going (integrity text primary key, at text not null,
      turn text not null, gone_at text)`.execute(db);
  },
};
