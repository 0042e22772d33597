/** Content in a folder, as it stands there: read, listed, linked, set aside. Makes nothing and needs nobody. */
import { randomUUID } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { access, mkdir, readdir, readFile, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { integrityOf } from '@pipl/registry-client';
import { inDiskWords } from '../publishing/disk-full.ts';
import type { Database } from '../state/tables.ts';
import { linkOrCopy } from '../upkeep/backup-files.ts';
import { hexOf, integrityOfHex, pathOfHex } from './address.ts';
import { arrivedIn, bytesArrived } from './arriving.ts';
import type { Arrivals, Contents, Leftover, Listed, Opened, Part } from './blobs.ts';
import { mendArrived, type MendPlace } from './folder-mend.ts';
import { unlessGone } from './folder-write.ts';

const highWaterMark = 256 * 1024;

function opened(file: string, size: number, part: Part | undefined): Opened {
  if (part === undefined) {
    return {
      size,
      bytes: () => readFile(file),
      stream: () => createReadStream(file, { highWaterMark }),
      discard: () => undefined,
    };
  }
  const end = Math.min(part.to, size - 1);
  const stream = () => createReadStream(file, { highWaterMark, start: part.from, end });
  return {
    size: Math.max(0, end - part.from + 1),
    stream,
    bytes: async () => Buffer.concat(await Array.fromAsync(stream() as AsyncIterable<Buffer>)),
    discard: () => undefined,
  };
}

/** Moves a file out of the way, where a person can look at it. */
async function quarantine(root: string, file: string): Promise<string> {
  const to = join(root, 'quarantine', `${new Date().toISOString().slice(0, 10)}-${file.split('/').at(-1)}`);
  await mkdir(dirname(to), { recursive: true });
  await rename(file, to);
  return to;
}

async function* listed(root: string): AsyncGenerator<Listed> {
  const contents = join(root, 'sha512');
  for (const shard of (await unlessGone(readdir(contents))) ?? []) {
    for (const hex of await readdir(join(contents, shard))) {
      const found = await unlessGone(stat(join(contents, shard, hex)));
      if (found === undefined) continue;
      yield { integrity: integrityOfHex(hex), size: found.size, touched: found.mtimeMs };
    }
  }
}

/** What lies in the folder for content on its way in. */
export async function leftIn(root: string): Promise<Leftover[]> {
  const temporary = join(root, 'tmp');
  const names = (await unlessGone(readdir(temporary))) ?? [];
  const found = await Promise.all(names.map((name) => unlessGone(stat(join(temporary, name)))));
  return names.flatMap((name, at) => {
    const entry = found[at];
    const where = join(temporary, name);
    return entry === undefined
      ? []
      : [{ where, touched: entry.mtimeMs, setAside: () => quarantine(root, where) }];
  });
}

export const mendPlaceOf = (root: string, db: Database): MendPlace => ({
  db,
  fileOf: (integrity) => join(root, pathOfHex(hexOf(integrity))),
  temporaryFile: () => join(root, 'tmp', randomUUID()),
});

const arrivalsIn = (place: MendPlace): Arrivals => ({
  async integrities() {
    const found = new Set<string>();
    for (const one of await arrivedIn(place.db)) {
      const bytes = await bytesArrived(place.db, one);
      if (bytes !== undefined && integrityOf(bytes) === one.integrity) found.add(one.integrity);
    }
    return found;
  },
  async settle() {
    await mkdir(dirname(place.temporaryFile()), { recursive: true });
    const { written, failed } = await mendArrived(place);
    for (const { error } of failed) throw inDiskWords(error);
    return written;
  },
});

/**
 * @param root PROJ/system/blobs
 * @param db where bytes stand until their files are on disk; absent: nobody put any there
 */
export function folderContents(root: string, db?: Database): Contents {
  const fileOf = (integrity: string) => join(root, pathOfHex(hexOf(integrity)));
  return {
    ...(db === undefined ? {} : { arrivals: arrivalsIn(mendPlaceOf(root, db)) }),
    where: fileOf,
    async stat(integrity) {
      const found = await unlessGone(stat(fileOf(integrity)));
      return found?.isFile() === true ? { size: found.size, touched: found.mtimeMs } : undefined;
    },
    async open(integrity, part) {
      const file = fileOf(integrity);
      const found = await unlessGone(stat(file));
      return found === undefined ? undefined : opened(file, found.size, part);
    },
    list: () => listed(root),
    leftovers: () => leftIn(root),
    setAside: (integrity) => unlessGone(quarantine(root, fileOf(integrity))),
    async copyTo(integrity, file) {
      const source = fileOf(integrity);
      if ((await unlessGone(stat(source))) === undefined) return false;
      await mkdir(dirname(file), { recursive: true });
      await linkOrCopy(source, file);
      return true;
    },
    look: () => access(root, constants.W_OK | constants.X_OK),
  };
}
