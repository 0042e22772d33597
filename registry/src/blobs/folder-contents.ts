/** Content in a folder, as it stands there: read, listed, linked, set aside. Makes nothing and needs nobody. */
import { constants, createReadStream } from 'node:fs';
import { access, mkdir, readdir, readFile, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { linkOrCopy } from '../upkeep/backup-files.ts';
import { hexOf, integrityOfHex, pathOfHex } from './address.ts';
import type { Contents, Leftover, Listed, Opened, Part } from './blobs.ts';

/** undefined when the file is not there */
export const unlessGone = async <T>(work: Promise<T>): Promise<T | undefined> =>
  work.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });

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

/** @param root PROJ/system/blobs */
export function folderContents(root: string): Contents {
  const fileOf = (integrity: string) => join(root, pathOfHex(hexOf(integrity)));
  return {
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
