/**
 * Rights without asking the database for them again: with SQLite this process sees every write to the tables they
 * come from. With PostgreSQL they are read each time.
 */
import { backendOf, type Backend } from '../state/database.ts';
import { readRights } from './groups.ts';
import type { Rights } from './rights.ts';
import type { Store } from '../state/store.ts';
import type { Database, Queries } from '../state/tables.ts';

const tables = ['registry_indexes', 'registry_gates', 'registry_groups', 'registry_group_members'];

const known = new WeakMap<Database, { readonly writes: number; readonly rights: Rights }>();

const writesOf = (backend: Backend): number =>
  backend.is === 'sqlite' ? tables.reduce((sum, table) => sum + backend.writesTo(table), 0) : 0;

/**
 * As they are for whoever asks now. Inside a transaction only for one that does not change them itself: what it
 * has not committed must not be remembered.
 */
export async function currentRights(queries: Queries, store: Pick<Store, 'db' | 'common'>): Promise<Rights> {
  const backend = backendOf(store.db);
  if (backend.is !== 'sqlite') return readRights(queries, store);
  const writes = writesOf(backend);
  const kept = known.get(store.db);
  if (kept?.writes === writes) return kept.rights;
  const rights = await readRights(queries, store);
  if (writesOf(backend) === writes) known.set(store.db, { writes, rights });
  return rights;
}
