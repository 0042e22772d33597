/**
 * Content as files of a folder, named by their sha512. A file with its final name is whole and on disk:
 * temp, fsync, rename, fsync of the folder, and only then may a row name it.
 *
 * Nobody but this module removes a blob. One that a refused publish left goes at once, unless somebody else
 * took hold of the same content meanwhile; what a crash left goes at the next start. Where several processes share
 * the folder, both wait until nobody has touched it for {@link graceOfShared}.
 */
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fsync as fsyncCallback,
  mkdirSync,
  openSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { syncPath } from '../state/sync-path.ts';
import { sharedWork } from '../state/shared-work.ts';
import { hexOf } from './address.ts';
import type { Blobs, Content } from './blobs.ts';
import { collectUnnamed, putBack, touch } from './folder-collect.ts';
import { folderContents } from './folder-contents.ts';

const fsync = promisify(fsyncCallback);

/**
 * Little content is written without leaving this turn: it only goes to the page cache, and a trip to another
 * thread takes longer. The wait for the disk never blocks.
 */
async function writeDurably(file: string, content: Content): Promise<void> {
  const isBytes = content instanceof Uint8Array;
  const descriptor = openSync(isBytes ? file : content.file, isBytes ? 'wx' : 'r', 0o444);
  try {
    if (isBytes) {
      for (let at = 0; at < content.length;) at += writeSync(descriptor, content, at);
    }
    await fsync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

const durableOf = (content: Content) => (content instanceof Uint8Array ? undefined : content.durable);

/** Who holds which content now, and how often it was taken hold of: what an unlink must not race with. */
function holders() {
  const held = new Map<string, { count: number; taken: number }>();
  return {
    take(key: string) {
      const now = held.get(key) ?? { count: 0, taken: 0 };
      held.set(key, { count: now.count + 1, taken: now.taken + 1 });
    },
    /** @returns a question to ask later: did anybody take it since? undefined while others hold it */
    drop(key: string): (() => boolean) | undefined {
      const now = held.get(key);
      if (now === undefined) return undefined;
      now.count -= 1;
      if (now.count > 0) return undefined;
      const { taken } = now;
      return () => {
        const later = held.get(key);
        const alone = later === now && later.taken === taken;
        if (alone) held.delete(key);
        return alone;
      };
    },
  };
}

/** Milliseconds; a publish takes less. */
export const graceOfShared = 60 * 60_000;

/** @param root of all blobs; `sha512/` and `tmp/` are made below it; `shared` with other processes */
export async function openFolder(root: string, { shared: isShared = false } = {}): Promise<Blobs> {
  const temporary = join(root, 'tmp');
  const contents = join(root, 'sha512');
  await mkdir(temporary, { recursive: true });
  await mkdir(contents, { recursive: true });
  const holding = holders();
  const folderOf = (hex: string) => join(contents, hex.slice(0, 2));
  const fileOf = (hex: string) => join(folderOf(hex), hex);
  await makeFolders(contents, folderOf);
  const syncs = new Map<string, () => Promise<void>>();
  const syncOf = (folder: string) => {
    const known = syncs.get(folder) ?? sharedWork(() => syncPath(folder));
    syncs.set(folder, known);
    return known;
  };
  const temporaryFile = () => join(temporary, randomUUID());

  const put = async (hex: string, content: Content) => {
    if (touch(fileOf(hex))) {
      // Another publish of it may not have got as far as the folder.
      return syncOf(folderOf(hex))();
    }
    const temp = content instanceof Uint8Array ? temporaryFile() : content.file;
    try {
      await (durableOf(content) ?? writeDurably(temp, content));
      renameSync(temp, fileOf(hex));
    } catch (error) {
      await rm(temp, { force: true });
      throw error;
    }
    await syncOf(folderOf(hex))();
  };

  return {
    ...folderContents(root),
    temporary: temporaryFile,
    early(bytes) {
      const file = temporaryFile();
      const durable = writeDurably(file, bytes);
      // Told by `hold`; what is refused before need not know.
      durable.catch(() => undefined);
      return { file, durable };
    },
    async hold(integrity, content) {
      const hex = hexOf(integrity);
      holding.take(hex);
      try {
        await put(hex, content);
      } catch (error) {
        holding.drop(hex)?.();
        throw error;
      }
      return {
        async settle(isNamed) {
          const stillAlone = holding.drop(hex);
          if (stillAlone === undefined || isShared) return;
          const named = await isNamed();
          // Between the answer and the unlink nothing else can run: both are in this turn.
          if (stillAlone() && !named) unlinkSync(fileOf(hex));
        },
      };
    },
    async repair(named) {
      await putBack({ temporary, contents });
      const grace = isShared ? graceOfShared : 0;
      return removeUnnamed({ temporary, contents, grace }, new Set([...(await named())].map(hexOf)));
    },
    collect: (collection) =>
      collectUnnamed({ temporary, contents }, collection, (hex) => {
        holding.take(hex);
        return holding.drop(hex);
      }),
  };
}

/** All of them at once, so that no publish has to make one and wait for it to be on disk. */
async function makeFolders(contents: string, folderOf: (hex: string) => string): Promise<void> {
  if ((await readdir(contents)).length >= 256) return;
  for (let byte = 0; byte < 256; byte++) {
    mkdirSync(folderOf(byte.toString(16).padStart(2, '0')), { recursive: true });
  }
  await syncPath(contents);
}

async function removeUnnamed(
  { temporary, contents, grace }: { temporary: string; contents: string; grace: number },
  named: ReadonlySet<string>,
): Promise<number> {
  const left = (await readdir(temporary)).map((name) => join(temporary, name));
  for (const folder of await readdir(contents)) {
    for (const hex of await readdir(join(contents, folder))) {
      if (!named.has(hex)) left.push(join(contents, folder, hex));
    }
  }
  const old = left.filter((file) => {
    const found = statSync(file, { throwIfNoEntry: false });
    return found !== undefined && Date.now() - found.mtimeMs >= grace;
  });
  for (const file of old) await rm(file, { force: true });
  return old.length;
}
