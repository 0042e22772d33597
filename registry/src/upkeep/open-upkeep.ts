/** What keeps a registry in order: by hand, and by itself once an hour. */
import { join } from 'node:path';
import { backup } from './backup.ts';
import type { Collected } from '../blobs/blobs.ts';
import { fsck } from './fsck.ts';
import type { BackupManifest, FsckOptions, FsckReport } from '@pipl/registry-client';
import { collectGarbage } from './gc.ts';
import { isAway } from '../state/postgres-failure.ts';
import { retain, type Retained } from './retention.ts';
import type { Store } from '../state/store.ts';

export interface Upkeep {
  fsck(options?: FsckOptions): Promise<FsckReport>;
  /** @param to a folder of this machine that is not there yet */
  backup(to: string): Promise<BackupManifest>;
  /** Lets go what volatile indexes need not keep. */
  retain(): Promise<Retained[]>;
  /** Removes content that nobody needs. @param grace milliseconds since it was last touched; default an hour */
  collect(grace?: number): Promise<Collected>;
  close(): Promise<void>;
}

const every = 60 * 60_000;

export function openUpkeep(
  store: Store,
  { dataDir, project }: { readonly dataDir: string; readonly project: string },
): Upkeep {
  const { db, blobs, now, rang } = store;
  let underWay: Promise<unknown> = Promise.resolve();
  const upkeep = {
    fsck: (options?: FsckOptions) =>
      fsck({ db, blobs, keys: join(dataDir, 'keys'), inUse: true, now, rang }, options),
    backup: (to: string) => backup({ db, blobs, dataDir, project, now }, to),
    retain: () => retain(store),
    collect: (grace?: number) => collectGarbage(store, grace),
  };
  const tidy = async (): Promise<void> => {
    try {
      await upkeep.retain();
      await upkeep.collect();
    } catch (error) {
      // Nothing is lost: the next hour does it.
      if (!isAway(error)) console.error(error);
    }
  };
  const timer = setInterval(() => (underWay = tidy()), every).unref();
  return {
    ...upkeep,
    async close() {
      clearInterval(timer);
      await underWay;
    },
  };
}
