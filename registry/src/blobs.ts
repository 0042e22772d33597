/**
 * Tarballs as files named by their sha512. A file with its final name is whole and on disk:
 * temp, fsync, rename, fsync of the folder, and only then may a row name it.
 *
 * Nobody but this module removes a blob. One that a refused publish left goes at once, unless somebody else
 * took hold of the same content meanwhile; what a crash left goes at the next start.
 */
import { randomUUID } from 'node:crypto';
import { unlinkSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { piplError } from '@pipl/packl';

export interface Blobs {
  /** Path of the content, whether it is there or not. */
  path(integrity: string): string;
  has(integrity: string): Promise<boolean>;
  /**
   * Makes the content durable and keeps it until `settle`.
   * @throws the errors of the file system
   */
  hold(integrity: string, bytes: Uint8Array): Promise<Hold>;
  /** At start, before anybody publishes: removes what no row names. Returns how many files went. */
  repair(named: ReadonlySet<string>): Promise<number>;
}

export interface Hold {
  /** Removes the content when `isNamed` says that no row needs it and nobody else holds it. */
  settle(isNamed: () => Promise<boolean>): Promise<void>;
}

/** @throws PIPL_INTEGRITY for anything but one sha512 */
export function hexOf(integrity: string): string {
  const digest = /^sha512-([A-Za-z0-9+/]{86}==)$/.exec(integrity)?.[1];
  if (digest === undefined) {
    throw piplError('invalid', 'PIPL_INTEGRITY', {
      what: 'The integrity of the tarball is not a sha512.',
      why: `It is "${integrity.slice(0, 120)}".`,
      hint: 'Publish with npm 7 or newer, pnpm or pipl: they all send one.',
    });
  }
  return Buffer.from(digest, 'base64').toString('hex');
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writeDurably(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, 'wx', 0o444);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const exists = async (file: string): Promise<boolean> => {
  try {
    return (await stat(file)).isFile();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
};

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

/** @param root of all blobs; `sha512/` and `tmp/` are made below it */
export async function openBlobs(root: string): Promise<Blobs> {
  const temporary = join(root, 'tmp');
  const contents = join(root, 'sha512');
  await mkdir(temporary, { recursive: true });
  await mkdir(contents, { recursive: true });
  const holding = holders();
  const folderOf = (hex: string) => join(contents, hex.slice(0, 2));
  const fileOf = (hex: string) => join(folderOf(hex), hex);

  const put = async (hex: string, bytes: Uint8Array) => {
    if (await exists(fileOf(hex))) return;
    const temp = join(temporary, randomUUID());
    try {
      await writeDurably(temp, bytes);
      if ((await mkdir(folderOf(hex), { recursive: true })) !== undefined) await syncFolder(contents);
      await rename(temp, fileOf(hex));
    } catch (error) {
      await rm(temp, { force: true });
      throw error;
    }
    await syncFolder(folderOf(hex));
  };

  return {
    path: (integrity) => fileOf(hexOf(integrity)),
    has: (integrity) => exists(fileOf(hexOf(integrity))),
    async hold(integrity, bytes) {
      const hex = hexOf(integrity);
      holding.take(hex);
      try {
        await put(hex, bytes);
      } catch (error) {
        holding.drop(hex)?.();
        throw error;
      }
      return {
        async settle(isNamed) {
          const stillAlone = holding.drop(hex);
          if (stillAlone === undefined) return;
          const named = await isNamed();
          // Between the answer and the unlink nothing else can run: both are in this turn.
          if (stillAlone() && !named) unlinkSync(fileOf(hex));
        },
      };
    },
    repair: (named) => removeUnnamed({ temporary, contents }, new Set([...named].map(hexOf))),
  };
}

async function removeUnnamed(
  { temporary, contents }: { temporary: string; contents: string },
  named: ReadonlySet<string>,
): Promise<number> {
  const left = (await readdir(temporary)).map((name) => join(temporary, name));
  for (const folder of await readdir(contents)) {
    for (const hex of await readdir(join(contents, folder))) {
      if (!named.has(hex)) left.push(join(contents, folder, hex));
    }
  }
  for (const file of left) await rm(file, { force: true });
  return left.length;
}
