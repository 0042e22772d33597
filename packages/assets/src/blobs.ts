/**
 * Files by content: `<root>/sha256/ab/<hex>`, read-only, written once.
 *
 * A blob is copied to `<root>/tmp`, hashed there, made durable and renamed, in this order: a process killed
 * anywhere leaves either nothing under the digest or the whole file. What it leaves in `tmp` carries its host
 * and pid and is removed by the next one that adds something. Content that is there already is read again
 * before it is trusted, so that adding the original mends damage.
 */
import { createHash, hash, randomUUID } from 'node:crypto';
import {
  closeSync,
  constants,
  createReadStream,
  fchmodSync,
  fsync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { copyFile, mkdir, open, readFile, readdir, rm, stat, type FileHandle } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { notStorable, systemCode } from './failures.ts';

export interface Blob {
  /** `sha256:<hex>` */
  readonly digest: string;
  /** bytes */
  readonly size: number;
}

export interface Blobs {
  path(digest: string): string;
  /** Copies the file in. @throws PIPL_ASSET_NOT_STORABLE when it is not a readable file */
  addFile(path: string): Promise<Blob>;
  addText(text: string): Promise<Blob>;
  /** Size in bytes; undefined when it is not there. */
  size(digest: string): Promise<number | undefined>;
  digests(): AsyncIterable<string>;
}

const readOnly = 0o444;
/** Bytes up to which a file is read at once: streams cost more than such content. */
const small = 1 << 18;
const host = hostname().replaceAll(/[^A-Za-z0-9-]/g, '_');

export function openBlobs(root: string): Blobs {
  const path = (digest: string): string => join(root, 'sha256', digest.slice(7, 9), digest.slice(7));
  let prepared: Promise<string> | undefined;
  const temporary = async (): Promise<string> =>
    join(await (prepared ??= prepareTemporary(root)), `${host}.${process.pid}.${randomUUID()}`);

  const add = async (fill: (file: string) => Promise<void>): Promise<Blob> => {
    const file = await temporary();
    try {
      await fill(file);
      const blob = await digestOf(file);
      if ((await digestOfStored(path(blob.digest))) !== blob.digest) await settle(file, path(blob.digest));
      return blob;
    } finally {
      await rm(file, { force: true });
    }
  };

  /**
   * What fits into memory is hashed there: where it is stored already, nothing is written. Only the disk is waited for
   * in another thread: handing each small step to one takes longer than the step.
   */
  const addBytes = async (bytes: Buffer): Promise<Blob> => {
    const digest = `sha256:${hash('sha256', bytes)}`;
    const blob = { digest, size: bytes.length };
    if (isStored(path(digest), bytes)) return blob;
    const file = await temporary();
    try {
      await writeDurably(file, bytes);
      await place(file, path(digest));
    } catch (error) {
      rmSync(file, { force: true });
      throw error;
    }
    return blob;
  };

  return {
    path,
    async addFile(source) {
      const found = statOf(source);
      if (!found.isFile()) throw notStorable(source, 'It is not a file.');
      if (found.size <= small) return addBytes(readFileSync(source));
      return add((file) => copyFile(source, file, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE));
    },
    addText: (text) => addBytes(Buffer.from(text)),
    async size(digest) {
      try {
        return (await stat(path(digest))).size;
      } catch (error) {
        if (systemCode(error) === 'ENOENT') return undefined;
        throw error;
      }
    },
    digests: () => digestsBelow(join(root, 'sha256')),
  };
}

function statOf(source: string) {
  try {
    return statSync(source);
  } catch (error) {
    throw notStorable(source, `It cannot be read: ${String(error)}.`);
  }
}

const isStored = (file: string, bytes: Buffer): boolean =>
  statSync(file, { throwIfNoEntry: false })?.size === bytes.length && bytes.equals(readFileSync(file));

const flushed = promisify(fsync);

/** Read-only and on disk. */
async function writeDurably(file: string, bytes: Buffer): Promise<void> {
  const descriptor = openSync(file, 'wx');
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
    fchmodSync(descriptor, readOnly);
    await flushed(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Hash and size of a file. */
export async function digestOf(file: string): Promise<Blob> {
  if ((await stat(file)).size <= small) {
    const bytes = await readFile(file);
    return { digest: `sha256:${hash('sha256', bytes)}`, size: bytes.length };
  }
  const hashing = createHash('sha256');
  let size = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
    hashing.update(chunk as Buffer);
    size += (chunk as Buffer).length;
  }
  return { digest: `sha256:${hashing.digest('hex')}`, size };
}

async function digestOfStored(file: string): Promise<string | undefined> {
  try {
    return (await digestOf(file)).digest;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function settle(file: string, target: string): Promise<void> {
  await durably(await open(file, 'r+'));
  await place(file, target);
}

/** Read-only and on disk; then it is closed. */
async function durably(handle: FileHandle): Promise<void> {
  try {
    await handle.chmod(readOnly);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function place(file: string, target: string): Promise<void> {
  const folder = dirname(target);
  const created = mkdirSync(folder, { recursive: true });
  renameSync(file, target);
  await syncFolder(folder);
  if (created !== undefined) await syncFolder(dirname(folder));
}

async function syncFolder(folder: string): Promise<void> {
  const descriptor = openSync(folder, 'r');
  try {
    await flushed(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Removes what killed processes of this host left: a living one may still be writing its own. */
async function prepareTemporary(root: string): Promise<string> {
  const folder = join(root, 'tmp');
  await mkdir(folder, { recursive: true });
  const left = (await readdir(folder)).filter((name) => {
    const [madeOn, pid] = name.split('.');
    return madeOn === host && Number(pid) !== process.pid && !isAlive(Number(pid));
  });
  await Promise.all(left.map((name) => rm(join(folder, name), { force: true })));
  return folder;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) !== 'ESRCH';
  }
}

async function* digestsBelow(folder: string): AsyncIterable<string> {
  const prefixes = await readdir(folder).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  });
  for (const prefix of prefixes.toSorted()) {
    for (const hex of (await readdir(join(folder, prefix))).toSorted()) yield `sha256:${hex}`;
  }
}
