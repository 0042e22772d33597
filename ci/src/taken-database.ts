/** A new project wants a PostgreSQL database of its own: the tables of two projects have the same names. */
import { piplError } from '@pipl/packl';
import { openDatabase, shownUrl } from '@pipl/registry';
import type { Kysely } from 'kysely';
import { sql } from 'kysely';

// eslint-disable-next-line typescript/no-explicit-any -- any tables
type AnyDatabase = Kysely<any>;

async function ourTables(db: AnyDatabase): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`select tablename as name from pg_tables
    where schemaname = current_schema() and tablename ~ '^(registry|ci)_'`.execute(db);
  return rows.map(({ name }) => name);
}

/** @throws PIPL_DATABASE_TAKEN and what {@link openDatabase} throws */
export async function refuseTaken(url: string): Promise<void> {
  const db = await openDatabase(url, process.env['PIPL_DATABASE_PASSWORD']);
  try {
    if ((await ourTables(db)).length === 0) return;
  } finally {
    await db.destroy();
  }
  throw piplError('conflict', 'PIPL_DATABASE_TAKEN', {
    what: `The database ${shownUrl(url)} is not empty.`,
    why: 'It holds the tables of a project already, and every project needs a database of its own.',
    hint: 'Make one (`createdb NAME`) and give its address.',
  });
}

/** Undoes the making of a project that did not come to its end. */
export async function dropTables(db: AnyDatabase): Promise<void> {
  for (const name of await ourTables(db)) await sql`drop table ${sql.id(name)}`.execute(db);
}
