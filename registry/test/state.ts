/** The state of a running registry, opened a second time, as another server on the same database would. */
import { onTestFinished } from 'vitest';
import { openDatabase } from '@pipl/registry';
import { openFeed } from '../src/feed/feed.ts';
import type { Store } from '../src/state/store.ts';
import type { Database } from '../src/state/tables.ts';
import { databaseIn } from './databases.ts';
import { film, type Scene } from './scene.ts';

/** Without blobs, keys and a guard: to read, follow and deliver. Closed when the test has ended. */
export async function storeOf({ dir }: Scene): Promise<Store> {
  const db = (await openDatabase(await databaseIn(dir))) as unknown as Database;
  const { feed, rang, close } = openFeed(db);
  onTestFinished(async () => {
    await close();
    await db.destroy();
  });
  return { db, feed, rang, common: film, now: () => new Date() } as unknown as Store;
}
