/** Work on the whole of the state, one at a time: what one of them relies on, no other takes away. */
import { backendOf } from '../state/database.ts';
import type { Database } from '../state/tables.ts';

const underWay = new WeakMap<Database, Promise<unknown>>();

/** In this process and, on PostgreSQL, in all of the project's. */
export async function alone<T>(db: Database, work: () => Promise<T>): Promise<T> {
  const before = underWay.get(db) ?? Promise.resolve();
  const mine = before.then(() => locked(db, work));
  underWay.set(
    db,
    mine.catch(() => undefined),
  );
  return mine;
}

async function locked<T>(db: Database, work: () => Promise<T>): Promise<T> {
  const backend = backendOf(db);
  if (backend.is === 'sqlite') return work();
  const lock = await backend.hold('upkeep', new AbortController().signal);
  try {
    return await work();
  } finally {
    await lock.release();
  }
}
