/** What is kept of a run for good, and the long texts that many runs share, once each. */
import { sql, type Kysely } from 'kysely';
import type { CiTables } from '../tables.ts';

export async function runRecords(db: Kysely<CiTables>): Promise<void> {
  await sql`create table ci_run_records (attempt text not null primary key, record text not null)`.execute(
    db,
  );
  await sql`create table ci_texts (hash text not null primary key, content text not null)`.execute(db);
}
