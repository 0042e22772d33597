/**
 * Content as files of a folder, named by their sha512. A file with its final name is whole. It is on disk, too (temp,
 * fsync, rename, fsync of the folder, and only then may a row name it), or, if it is little, its bytes stand in the
 * database until it is: `arriving.ts`, `folder-settle.ts`. After a power cut such a file may be torn until
 * `repair` has written it anew, and one that no row came to name until it is compared with what it should hold.
 *
 * Nobody but this module removes a blob. One that a refused publish left goes at once, unless somebody else
 * took hold of the same content meanwhile; what a crash left goes at the next start. Where several processes share
 * the folder, both wait until nobody has touched it for {@link graceOfShared}.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, statSync, unlinkSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { inDiskWords } from '../publishing/disk-full.ts';
import { syncPath } from '../state/sync-path.ts';
import { sharedWork } from '../state/shared-work.ts';
import type { Database } from '../state/tables.ts';
import { hexOf, integrityOfHex } from './address.ts';
import { arrivedNow, mostInDatabase, noteArrived } from './arriving.ts';
import type { Blobs, Content, Hold } from './blobs.ts';
import { collectUnnamed, putBack, touch } from './folder-collect.ts';
import { folderContents, mendPlaceOf } from './folder-contents.ts';
import { mendArrived, type MendPlace } from './folder-mend.ts';
import { openSettler, type Settler } from './folder-settle.ts';
import { holdsJust, isWhole, writeDurably, writeForNow } from './folder-write.ts';

const isLittle = (content: Content): content is Uint8Array =>
  content instanceof Uint8Array && content.length <= mostInDatabase;

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

/** Where little content goes through the database. */
interface Behind {
  readonly place: MendPlace;
  readonly settler: Settler;
}

function openBehind(root: string, db: Database): Behind {
  const place = mendPlaceOf(root, db);
  return { place, settler: openSettler(place) };
}

/** @throws what the disk says when something that was acknowledged is neither there nor can be written */
async function bringBack({ place, settler }: Behind): Promise<void> {
  const { failed } = await mendArrived(place);
  for (const { one, error } of failed) {
    // What can be read is served; it is written when the disk takes it.
    if (!isWhole(place.fileOf(one.integrity), one.integrity)) throw inDiskWords(error);
    settler.suspect(one, error);
  }
}

export interface FolderOptions {
  /** with other processes */
  readonly shared?: boolean;
  /** holds the bytes of little content until its file is on disk; absent: `hold` waits for the disk */
  readonly db?: Database;
}

/** @param root of all blobs; `sha512/` and `tmp/` are made below it */
export async function openFolder(
  root: string,
  { shared: isShared = false, db }: FolderOptions = {},
): Promise<Blobs> {
  const temporary = join(root, 'tmp');
  const contents = join(root, 'sha512');
  await mkdir(temporary, { recursive: true });
  await mkdir(contents, { recursive: true });
  const holding = holders();
  const behind = db === undefined ? undefined : openBehind(root, db);
  const { put, putForNow, temporaryFile } = await openPlace({ temporary, contents }, behind?.settler);
  const there = folderContents(root, db);

  /** Takes hold, unless `write` fails. */
  const holdWith = async (hex: string, write: () => unknown): Promise<Pick<Hold, 'settle'>> => {
    holding.take(hex);
    try {
      await write();
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
        if (stillAlone() && !named) unlinkSync(fileIn(contents, hex));
      },
    };
  };
  const holdLittle = async (integrity: string, bytes: Uint8Array, settler: Settler): Promise<Hold> => {
    const arrived = arrivedNow(integrity, bytes);
    const hex = hexOf(integrity);
    const { settle } = await holdWith(hex, () => putForNow(hex, bytes));
    return {
      confirm: (tx) => noteArrived(tx, arrived, bytes),
      settle: (isNamed) => settle(isNamed).finally(() => settler.add(arrived)),
    };
  };

  return {
    ...there,
    temporary: temporaryFile,
    early(bytes) {
      if (behind !== undefined && isLittle(bytes)) return bytes;
      const file = temporaryFile();
      const durable = writeDurably(file, bytes);
      // Told by `hold`; what is refused before need not know.
      durable.catch(() => undefined);
      return { file, durable };
    },
    async hold(integrity, content, { confirms = false } = {}) {
      const hex = hexOf(integrity);
      if (confirms && behind?.settler.takes() === true && isLittle(content))
        return holdLittle(integrity, content, behind.settler);
      return holdWith(hex, () => put(hex, content));
    },
    async look() {
      await there.look();
      const trouble = behind?.settler.trouble();
      if (trouble !== undefined) throw trouble;
    },
    async repair(named) {
      await putBack({ temporary, contents });
      if (behind !== undefined) await bringBack(behind);
      const grace = isShared ? graceOfShared : 0;
      return removeUnnamed({ temporary, contents, grace }, new Set([...(await named())].map(hexOf)));
    },
    async collect(collection) {
      // What a server left that did not come back.
      if (isShared) await there.arrivals?.settle();
      return collectUnnamed({ temporary, contents }, collection, (hex) => {
        holding.take(hex);
        return holding.drop(hex);
      });
    },
    close: async () => behind?.settler.close(),
  };
}

interface Folders {
  readonly temporary: string;
  readonly contents: string;
}

const folderIn = (contents: string, hex: string) => join(contents, hex.slice(0, 2));
const fileIn = (contents: string, hex: string) => join(folderIn(contents, hex), hex);

/** Files into their places. */
async function openPlace({ temporary, contents }: Folders, settler: Settler | undefined) {
  await makeFolders(contents);
  const syncs = new Map<string, () => Promise<void>>();
  const syncFolderOf = (hex: string) => {
    const folder = folderIn(contents, hex);
    const known = syncs.get(folder) ?? sharedWork(() => syncPath(folder));
    syncs.set(folder, known);
    return known();
  };
  const temporaryFile = () => join(temporary, randomUUID());
  const isThere = (hex: string) =>
    settler?.isSuspect(integrityOfHex(hex)) !== true && touch(fileIn(contents, hex));

  return {
    temporaryFile,
    /** Durable when it returns. */
    async put(hex: string, content: Content): Promise<void> {
      const file = fileIn(contents, hex);
      // Another publish of it may not have got as far as the folder, and of little content not even to the file.
      if (isThere(hex) && !isLittle(content)) return syncFolderOf(hex);
      const temp = content instanceof Uint8Array ? temporaryFile() : content.file;
      try {
        await (durableOf(content) ?? writeDurably(temp, content));
        renameSync(temp, file);
      } catch (error) {
        await rm(temp, { force: true });
        throw error;
      }
      await syncFolderOf(hex);
    },
    /** There for whoever reads. Never in the place of what is on disk, and that some row may need. */
    putForNow(hex: string, bytes: Uint8Array): void {
      const file = fileIn(contents, hex);
      if (isThere(hex) && holdsJust(file, bytes)) return;
      const temp = temporaryFile();
      try {
        writeForNow(temp, bytes);
        renameSync(temp, file);
      } catch (error) {
        rmSync(temp, { force: true });
        throw error;
      }
    },
  };
}

/** All of them at once, so that no publish has to make one and wait for it to be on disk. */
async function makeFolders(contents: string): Promise<void> {
  if ((await readdir(contents)).length >= 256) return;
  for (let byte = 0; byte < 256; byte++) {
    mkdirSync(join(contents, byte.toString(16).padStart(2, '0')), { recursive: true });
  }
  await syncPath(contents);
}

async function removeUnnamed(
  { temporary, contents, grace }: Folders & { readonly grace: number },
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
