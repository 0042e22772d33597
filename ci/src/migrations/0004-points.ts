/** What the points of finished runs have made: looked up by the next run that would make the same. */
import { sql, type Kysely } from 'kysely';
import type { CiTables } from '../tables.ts';

export async function points(db: Kysely<CiTables>): Promise<void> {
  await sql`create table ci_points (
    scope text not null,
    key text not null,
    index_name text not null,
    attempt text not null,
    outputs text not null,
    at text not null,
    primary key (scope, key)
  )`.execute(db);
}
