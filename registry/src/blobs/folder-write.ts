/** Files of a folder of content: written under a temporary name, or found to be what they are called. */
import { closeSync, fsync as fsyncCallback, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { integrityOf } from '@pipl/registry-client';
import type { Content } from './blobs.ts';

const fsync = promisify(fsyncCallback);

/** undefined when the file is not there */
export const unlessGone = async <T>(work: Promise<T>): Promise<T | undefined> =>
  work.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
}

/**
 * Little content is written without leaving this turn: it only goes to the page cache, and a trip to another
 * thread takes longer. The wait for the disk never blocks.
 */
export async function writeDurably(file: string, content: Content): Promise<void> {
  const isBytes = content instanceof Uint8Array;
  const descriptor = openSync(isBytes ? file : content.file, isBytes ? 'wx' : 'r', 0o444);
  try {
    if (isBytes) writeAll(descriptor, content);
    await fsync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Whoever reads it sees it, and a power cut may take it. */
export function writeForNow(file: string, bytes: Uint8Array): void {
  const descriptor = openSync(file, 'wx', 0o444);
  try {
    writeAll(descriptor, bytes);
  } finally {
    closeSync(descriptor);
  }
}

/** undefined when it cannot be read: whatever the reason is, it must be written */
function readNow(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

/** For what is little. A file that a power cut has torn is shorter, empty or full of zeros. */
export function holdsJust(file: string, bytes: Uint8Array): boolean {
  const found = statSync(file, { throwIfNoEntry: false });
  return found?.size === bytes.length && readNow(file)?.equals(bytes) === true;
}

/** The same by its name alone. */
export function isWhole(file: string, integrity: string): boolean {
  const bytes = readNow(file);
  return bytes !== undefined && integrityOf(bytes) === integrity;
}
