/**
 * All tables of a project as lines of JSON, of one moment, from either database into either. A line holds some
 * rows of one table.
 */
import { sql, type Kysely } from 'kysely';
import { backendOf } from '../state/database.ts';

// eslint-disable-next-line typescript/no-explicit-any -- any tables
type AnyDatabase = Kysely<any>;

export interface DumpLine {
  readonly table: string;
  readonly rows: readonly Readonly<Record<string, string | number | null>>[];
}

const together = 500;
const ours = /^(?:registry|ci)_/;
/** Bytes, and those of content that a backup holds as files. */
const leftEmpty = new Set(['registry_arriving']);
const ofMigrations = /_migrations(?:_lock)?$/;

export async function tablesOf(db: AnyDatabase, is: 'sqlite' | 'postgres'): Promise<string[]> {
  const { rows } =
    is === 'sqlite'
      ? await sql<{ name: string }>`select name from sqlite_master where type = 'table'`.execute(db)
      : await sql<{ name: string }>`select tablename as name from pg_tables
          where schemaname = current_schema()`.execute(db);
  return rows
    .map(({ name }) => name)
    .filter((name) => ours.test(name))
    .toSorted();
}

/** What every row says, in one transaction that nobody has to wait for. @param write in order */
export async function dumpTables(db: AnyDatabase, write: (line: DumpLine) => Promise<void>): Promise<void> {
  const { is } = backendOf(db);
  const transaction = db.transaction();
  const snapshot =
    is === 'sqlite'
      ? transaction
      : transaction.setIsolationLevel('repeatable read').setAccessMode('read only');
  await snapshot.execute(async (tx) => {
    for (const table of await tablesOf(tx, is)) {
      // Even an empty table is told of: what is loaded has it empty too.
      for (let from = 0; ; from += together) {
        const rows = leftEmpty.has(table) ? [] : await pageOf(tx, { table, is, from });
        if (rows.length > 0 || from === 0) await write({ table, rows });
        if (rows.length < together) break;
      }
    }
  });
}

const pageOf = async (
  tx: AnyDatabase,
  { table, is, from }: { table: string; is: 'sqlite' | 'postgres'; from: number },
): Promise<DumpLine['rows']> => {
  if (is === 'postgres' && from === 0) {
    await sql`declare ${sql.id(`all_${table}`)} no scroll cursor for select * from ${sql.table(table)}`.execute(
      tx,
    );
  }
  const { rows } =
    is === 'postgres'
      ? await sql<
          DumpLine['rows'][number]
        >`fetch ${sql.lit(together)} from ${sql.id(`all_${table}`)}`.execute(tx)
      : await sql<DumpLine['rows'][number]>`select * from ${sql.table(table)}
          order by rowid limit ${together} offset ${from}`.execute(tx);
  return rows;
};

/** Which steps the tables have been through: two that differ cannot hold each other's rows. */
export async function stepsOf(db: AnyDatabase): Promise<string[]> {
  const registry = await db.selectFrom('registry_migrations').select('name').execute();
  const ci = await db.selectFrom('ci_migrations').select('version').execute();
  return [
    ...registry.map(({ name }) => String(name)),
    ...ci.map(({ version }) => `ci ${version}`),
  ].toSorted();
}

/** Into tables that were just made. All or nothing. */
export async function loadTables(db: AnyDatabase, lines: AsyncIterable<DumpLine>): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const begun = new Set<string>();
    for await (const { table, rows } of lines) {
      // Those tell how the tables here were made, not how the others were.
      if (ofMigrations.test(table)) continue;
      if (!begun.has(table)) await tx.deleteFrom(table).execute();
      begun.add(table);
      if (rows.length > 0)
        await tx
          .insertInto(table)
          .values([...rows])
          .execute();
    }
  });
}
