/**
 * Files that are whole or not there: written beside their place, synced, renamed into it.
 *
 * Turns the errors of the file system that a person can mend into {@link PiplError}s.
 */
import { readFileSync } from 'node:fs';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type PiplError, piplError } from '@pipl/packl';
import { beforeWriting } from './watched.ts';

/** @throws PIPL_UNWRITABLE, PIPL_NO_FOLDER, PIPL_DISK_FULL */
export async function writeWhole(file: string, data: string | Uint8Array, mode = 0o666): Promise<void> {
  beforeWriting(`write ${file}`);
  const temporary = join(dirname(file), `.${basename(file)}.${crypto.randomUUID().slice(0, 8)}`);
  try {
    const handle = await open(temporary, 'wx', mode);
    try {
      await handle.writeFile(data);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw asPiplError(error, file);
  }
}

export const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** The file's JSON; undefined where there is no such file. @throws PIPL_NOT_JSON */
export async function readJson(file: string): Promise<unknown> {
  const text = await readText(file);
  return text === undefined ? undefined : parseJson(text, file);
}

/** @param file whose text it is @throws PIPL_NOT_JSON */
export function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw piplError('invalid', 'PIPL_NOT_JSON', {
      what: `${file} is not JSON.`,
      why: (cause as Error).message,
      hint: 'Mend the file, or take it from a copy.',
      cause,
    });
  }
}

export async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw asPiplError(error, file);
  }
}

/** For many small files: each costs less this way than its way through the thread pool. */
export function readTextNow(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw asPiplError(error, file);
  }
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | undefined)?.code;

export const isMissing = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '');

/** What a person can mend becomes an error for people; anything else stays the bug that it is. */
export function asPiplError(error: unknown, path: string): unknown {
  const known = refusals[codeOf(error) ?? ''];
  return known ? known(path, error) : error;
}

const denied = (path: string, cause: unknown): PiplError =>
  piplError('denied', 'PIPL_UNWRITABLE', {
    what: `Cannot use ${path}.`,
    why: 'Its permissions do not let you read or write there.',
    hint: 'Choose another folder, or ask its owner for the right to write.',
    cause,
  });

const missing = (path: string, cause: unknown): PiplError =>
  piplError('notFound', 'PIPL_NO_FOLDER', {
    what: `Cannot write ${path}.`,
    why: 'The folder above it is not there, or is not a folder.',
    hint: `Make it first: mkdir -p ${dirname(path)}`,
    cause,
  });

const full = (path: string, cause: unknown): PiplError =>
  piplError('unreachable', 'PIPL_DISK_FULL', {
    what: `Cannot write ${path}.`,
    why: 'The disk is full.',
    hint: 'Make room and run the same command again; nothing was half-written.',
    cause,
  });

const refusals: Record<string, (path: string, cause: unknown) => PiplError> = {
  EACCES: denied,
  EPERM: denied,
  EROFS: denied,
  ENOENT: missing,
  ENOTDIR: missing,
  ENOSPC: full,
  EDQUOT: full,
};
