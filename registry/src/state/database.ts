/**
 * Opens the project's database: one SQLite file by default, PostgreSQL by address for teams.
 *
 * On both, a transaction is alone: what it reads stays so until it ends, and nobody else writes meanwhile.
 * What is in the tables is the business of those who migrate them (`registry_*` here, others elsewhere).
 */
import { HandleEmptyInListsPlugin, Kysely, replaceWithNoncontingentExpression } from 'kysely';
import type { PostgresBackend } from './postgres.ts';
import { openSqlite, type SqliteBackend } from './sqlite.ts';

/** What Kysely does not show of a database. */
export type Backend = SqliteBackend | PostgresBackend;

const backends = new WeakMap<object, Backend>();

export const isPostgresUrl = (where: string): boolean => /^postgres(?:ql)?:\/\//.test(where);

/**
 * @param where a SQLite file, made with its folder when it is not there; `:memory:` for a database that nobody
 *   keeps; or `postgres://user@host/name`
 * @param password of the PostgreSQL user, when it is not in the address: addresses get written into files
 * @throws PIPL_DATABASE_AWAY PIPL_DATABASE_REFUSED PIPL_DATABASE_ADDRESS
 */
// eslint-disable-next-line typescript/no-explicit-any -- several packages keep their tables in it
export async function openDatabase(where: string, password?: string): Promise<Kysely<any>> {
  const { dialect, backend } = isPostgresUrl(where)
    ? await import('./postgres.ts').then(({ openPostgres }) => openPostgres(where, password))
    : await openSqlite(where);
  // Nothing is in an empty list: SQLite knows that, PostgreSQL calls it a mistake.
  const emptyLists = new HandleEmptyInListsPlugin({ strategy: replaceWithNoncontingentExpression });
  const db = new Kysely({ dialect, plugins: backend.is === 'postgres' ? [emptyLists] : [] });
  backends.set(db, backend);
  return db;
}

/** Of the database itself, not of one of its transactions. */
export function backendOf(db: object): Backend {
  const backend = backends.get(db);
  if (backend === undefined) throw new Error('This database was not opened by openDatabase.');
  return backend;
}
