/** A folder that is whole or not there: built beside its place, then renamed into it. */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { piplError } from '@pipl/packl';
import { asPiplError } from './atomic-file.ts';
import { beforeWriting } from './watched.ts';

/**
 * @param fill writes into the folder it is given; when it fails, nothing stays
 * @returns its absolute path @throws PIPL_PATH_TAKEN (exit 4), PIPL_NO_FOLDER (3), PIPL_UNWRITABLE (6)
 */
export async function newFolder(folder: string, fill: (building: string) => Promise<void>): Promise<string> {
  const path = resolve(folder);
  const empty = await refuseTaken(path);
  beforeWriting(`make the folder ${path}`);
  const building = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString('hex')}.new`);
  try {
    await mkdir(building);
    await fill(building);
    if (empty) await rmdir(path);
    await rename(building, path);
  } catch (error) {
    await rm(building, { recursive: true, force: true });
    throw asPiplError(error, path);
  }
  return path;
}

/** @returns whether an empty folder is there */
async function refuseTaken(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return false;
  if (found.isDirectory() && (await readdir(path)).length === 0) return true;
  throw piplError('conflict', 'PIPL_PATH_TAKEN', {
    what: `Cannot write to ${path}.`,
    why: found.isDirectory() ? 'The folder is not empty.' : 'A file is in the way.',
    hint: 'Choose a folder that is not there yet.',
  });
}
