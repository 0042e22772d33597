/** Files into a backup and out of it: durable, and read on the way where their content is to be proven. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, link, mkdir, open, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BackedUp } from '@pipl/registry-client';
import { syncPath } from '../state/sync-path.ts';

/** Other file systems, too many links, and file systems without any. */
const notLinkable = new Set(['EXDEV', 'EMLINK', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP']);

/** For what never changes in place: the same file under a second name, or a copy of it. */
export async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    if (!notLinkable.has(code ?? '')) throw error;
    await copyFile(from, to);
    await syncPath(to);
  }
}

/** Copies and hashes what it copied. */
export async function copyHashed(
  from: string,
  to: string,
  algorithm: 'sha256' | 'sha512',
): Promise<BackedUp> {
  const hash = createHash(algorithm);
  let size = 0;
  await mkdir(dirname(to), { recursive: true });
  // Keys stay as closed as they were.
  const { mode } = await stat(from);
  const target = await open(to, 'wx', mode & 0o777);
  try {
    for await (const chunk of createReadStream(from) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      size += chunk.length;
      await target.appendFile(chunk);
    }
    await target.sync();
  } finally {
    await target.close();
  }
  return { size, hex: hash.digest('hex') };
}

export async function sha256Of(file: string): Promise<BackedUp> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { size, hex: hash.digest('hex') };
}

/** Paths of all files below a folder, relative to it; none when it is not there. */
export async function filesBelow(
  folder: string,
  leaveOut: ReadonlySet<string> = new Set(),
): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const found: string[] = [];
  for (const entry of entries) {
    if (leaveOut.has(entry.name)) continue;
    if (entry.isFile()) found.push(entry.name);
    if (!entry.isDirectory()) continue;
    found.push(...(await filesBelow(join(folder, entry.name))).map((name) => join(entry.name, name)));
  }
  return found;
}

/** Every folder of a tree, so that the names in it are on disk too. */
export async function syncFolders(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await syncFolders(join(folder, entry.name));
  }
  await syncPath(folder);
}
