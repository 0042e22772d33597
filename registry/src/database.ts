/**
 * Opens the project's database: one SQLite file, one connection, everything acknowledged on disk.
 *
 * `synchronous=FULL` is said explicitly: without it a power loss takes acknowledged commits along. What is in
 * the tables is the business of those who migrate them (`registry_*` here, others elsewhere).
 */
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync, type SQLInputValue } from 'node:sqlite';
import { Kysely, SqliteDialect, type SqliteDatabase, type SqliteStatement } from 'kysely';

const keptStatements = 500;

/** SQLite knows no booleans and `node:sqlite` refuses them and undefined. */
const inputOf = (value: unknown): SQLInputValue => {
  if (value === undefined) return null;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return value as SQLInputValue;
};

const statementOf = (statement: StatementSync): SqliteStatement => ({
  reader: statement.columns().length > 0,
  all: (parameters) => statement.all(...parameters.map(inputOf)),
  run: (parameters) => statement.run(...parameters.map(inputOf)),
  iterate: (parameters) => statement.iterate(...parameters.map(inputOf)),
});

/** `node:sqlite` in the shape that Kysely's dialect expects; prepared statements are kept. */
function adapt(database: DatabaseSync): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>();
  return {
    close: () => database.close(),
    prepare(sql) {
      const known = statements.get(sql);
      if (known !== undefined) return known;
      const prepared = statementOf(database.prepare(sql));
      // Statements of the schema change what others were prepared against, and are not asked again.
      if (/^\s*(?:create|alter|drop|pragma|vacuum)\b/i.test(sql)) statements.clear();
      else if (statements.size < keptStatements) statements.set(sql, prepared);
      return prepared;
    },
  };
}

/** @param file made, with its folder, when it is not there; `:memory:` for a database that nobody keeps */
// eslint-disable-next-line typescript/no-explicit-any -- several packages keep their tables in it
export async function openDatabase(file: string): Promise<Kysely<any>> {
  if (file !== ':memory:') await mkdir(dirname(file), { recursive: true });
  const database = new DatabaseSync(file, { timeout: 5_000 });
  database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on;');
  return new Kysely({ dialect: new SqliteDialect({ database: adapt(database) }) });
}
