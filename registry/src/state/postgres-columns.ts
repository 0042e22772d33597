/**
 * Migrations are written once for both databases. What PostgreSQL understands by their words is narrower, so its
 * columns are set right after each of them: integers hold any number that SQLite's hold, and texts sort by their
 * bytes, whatever the language of the database.
 */
import { sql, type Kysely } from 'kysely';
import { backendOf } from './database.ts';

/** @param prefix of the tables, like `registry_` */
// eslint-disable-next-line typescript/no-explicit-any -- any tables
export async function settleColumns(db: Kysely<any>, prefix: string): Promise<void> {
  if (backendOf(db).is !== 'postgres') return;
  await db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ name: string; wanted: string }>`
      select c.relname as name, string_agg(format('alter column %I type %s', a.attname,
        case when a.atttypid = 'int4'::regtype then 'bigint' else 'text collate "C"' end), ', ') as wanted
      from pg_attribute a join pg_class c on c.oid = a.attrelid
        join pg_collation l on l.collname = 'default'
      where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace and a.attnum > 0
        and not a.attisdropped and starts_with(c.relname, ${prefix})
        and (a.atttypid = 'int4'::regtype or (a.atttypid = 'text'::regtype and a.attcollation = l.oid))
      group by c.relname`.execute(tx);
    for (const { name, wanted } of rows)
      await sql`alter table ${sql.id(name)} ${sql.raw(wanted)}`.execute(tx);
  });
}
