/**
 * Records in the order in which they were first written, said by a column of ours (`rowid` is SQLite's own), and
 * whose turn it is to write them: one server process reacts, others wait.
 */
import { sql, type Kysely } from 'kysely';
import type { CiTables } from '../tables.ts';

export async function turns(db: Kysely<CiTables>, is: 'sqlite' | 'postgres'): Promise<void> {
  await sql`alter table ci_records add column place integer not null default 0`.execute(db);
  // On PostgreSQL the table was made a moment ago.
  if (is === 'sqlite') await sql`update ci_records set place = rowid`.execute(db);
  await sql`create table ci_reactor (id integer primary key check (id = 1), epoch integer not null,
    steps integer not null, url text)`.execute(db);
  await sql`insert into ci_reactor (id, epoch, steps) values (1, 0, 0)`.execute(db);
}
