/**
 * The project's database as one SQLite file: one connection, everything acknowledged on disk.
 *
 * `synchronous=FULL` is said explicitly: without it a power loss takes acknowledged commits along.
 */
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { backup, DatabaseSync, type StatementSync, type SQLInputValue } from 'node:sqlite';
import {
  SqliteAdapter,
  SqliteDialect,
  type CompiledQuery,
  type Kysely,
  type SqliteDatabase,
  type SqliteStatement,
} from 'kysely';
import type { Tables } from './tables.ts';

const keptStatements = 500;

export interface SqliteBackend {
  readonly is: 'sqlite';
  /** `:memory:` where nobody keeps it */
  readonly file: string;
  /** A whole copy as it is at one moment, while others write. @throws the errors of the file system */
  copyTo(file: string): Promise<void>;
  /** How many statements have written to a table so far, committed or not. */
  writesTo(table: string): number;
}

/** SQLite knows no booleans and `node:sqlite` refuses them and undefined. */
const inputOf = (value: unknown): SQLInputValue => {
  if (value === undefined) return null;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return value as SQLInputValue;
};

const statementOf = (statement: StatementSync, onRun: () => void): SqliteStatement => ({
  reader: statement.columns().length > 0,
  all(parameters) {
    onRun();
    return statement.all(...parameters.map(inputOf));
  },
  run(parameters) {
    onRun();
    return statement.run(...parameters.map(inputOf));
  },
  iterate(parameters) {
    onRun();
    return statement.iterate(...parameters.map(inputOf));
  },
});

/** SQLite has rolled back by itself when the disk was full or failed: a second time is no error of its own. */
const rollbackOf = (database: DatabaseSync): SqliteStatement => {
  const run = () => {
    if (database.isTransaction) database.exec('rollback');
    return { changes: 0, lastInsertRowid: 0 };
  };
  return { reader: false, all: () => [], iterate: () => [][Symbol.iterator](), run };
};

/** The table that a statement writes to. */
const writtenTable = (sql: string): string | undefined =>
  /^\s*(?:(?:insert|replace)\b.*?\binto|update(?:\s+or\s+\w+)?|delete\s+from)\s+"?(\w+)/is.exec(sql)?.[1];

/** Counts the statements that write, by table. */
function writeCounts() {
  const counts = new Map<string, number>();
  return {
    counts,
    of(sql: string): () => void {
      const table = writtenTable(sql);
      if (table === undefined) return () => undefined;
      return () => void counts.set(table, (counts.get(table) ?? 0) + 1);
    },
  };
}

/** `node:sqlite` in the shape that Kysely's dialect expects; prepared statements are kept. */
function adapt(database: DatabaseSync, written: ReturnType<typeof writeCounts>): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>();
  const rollback = rollbackOf(database);
  return {
    close: () => database.close(),
    prepare(sql) {
      if (sql === 'rollback') return rollback;
      const known = statements.get(sql);
      if (known !== undefined) return known;
      const prepared = statementOf(database.prepare(sql), written.of(sql));
      // Statements of the schema change what others were prepared against, and are not asked again.
      if (/^\s*(?:create|alter|drop|pragma|vacuum)\b/i.test(sql)) statements.clear();
      else if (statements.size < keptStatements) statements.set(sql, prepared);
      return prepared;
    },
  };
}

/** SQLite undoes changes of the schema as any other: a step of a migration is there whole or not at all. */
class WholeSteps extends SqliteAdapter {
  readonly #database: SqliteDatabase;

  constructor(database: SqliteDatabase) {
    super();
    this.#database = database;
  }

  /** Without a turn in the queue for the connection: for whoever has it, inside a transaction. */
  ask(sql: string, parameters: readonly unknown[]): unknown[] {
    const asked = this.#database.prepare(sql);
    if (asked.reader) return asked.all(parameters);
    asked.run(parameters);
    return [];
  }

  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class Dialect extends SqliteDialect {
  readonly #database: SqliteDatabase;

  constructor(database: SqliteDatabase) {
    super({ database });
    this.#database = database;
  }

  override createAdapter(): SqliteAdapter {
    return new WholeSteps(this.#database);
  }
}

/** The rows; undefined: this is no transaction of SQLite, so ask through Kysely. @throws what SQLite does */
export function askDirectly<Row>(
  db: Kysely<Tables>,
  { sql, parameters }: Pick<CompiledQuery<Row>, 'sql' | 'parameters'>,
): Row[] | undefined {
  const { adapter } = db.getExecutor();
  return db.isTransaction && adapter instanceof WholeSteps
    ? (adapter.ask(sql, parameters) as Row[])
    : undefined;
}

/** @param file made, with its folder, when it is not there; `:memory:` for a database that nobody keeps */
export async function openSqlite(file: string): Promise<{ dialect: SqliteDialect; backend: SqliteBackend }> {
  if (file !== ':memory:') await mkdir(dirname(file), { recursive: true });
  const database = new DatabaseSync(file, { timeout: 5_000 });
  database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on;');
  // Pages. A publish writes the same few again and again: copied back less often, less is written.
  database.exec('pragma wal_autocheckpoint = 4000;');
  const written = writeCounts();
  return {
    dialect: new Dialect(adapt(database, written)),
    backend: {
      is: 'sqlite',
      file,
      async copyTo(target) {
        await backup(database, target);
      },
      writesTo: (table) => written.counts.get(table) ?? 0,
    },
  };
}
