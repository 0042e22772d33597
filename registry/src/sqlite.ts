/**
 * The project's database as one SQLite file: one connection, everything acknowledged on disk.
 *
 * `synchronous=FULL` is said explicitly: without it a power loss takes acknowledged commits along.
 */
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { backup, DatabaseSync, type StatementSync, type SQLInputValue } from 'node:sqlite';
import { SqliteAdapter, SqliteDialect, type SqliteDatabase, type SqliteStatement } from 'kysely';

const keptStatements = 500;

export interface SqliteBackend {
  readonly is: 'sqlite';
  /** `:memory:` where nobody keeps it */
  readonly file: string;
  /** A whole copy as it is at one moment, while others write. @throws the errors of the file system */
  copyTo(file: string): Promise<void>;
}

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

/** SQLite undoes changes of the schema as any other: a step of a migration is there whole or not at all. */
class WholeSteps extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class Dialect extends SqliteDialect {
  override createAdapter(): SqliteAdapter {
    return new WholeSteps();
  }
}

/** @param file made, with its folder, when it is not there; `:memory:` for a database that nobody keeps */
export async function openSqlite(file: string): Promise<{ dialect: SqliteDialect; backend: SqliteBackend }> {
  if (file !== ':memory:') await mkdir(dirname(file), { recursive: true });
  const database = new DatabaseSync(file, { timeout: 5_000 });
  database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on;');
  return {
    dialect: new Dialect({ database: adapt(database) }),
    backend: {
      is: 'sqlite',
      file,
      async copyTo(target) {
        await backup(database, target);
      },
    },
  };
}
