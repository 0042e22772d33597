/**
 * Writes a script's embedded files where its action will find them.
 *
 * Every path is known before any content is resolved, so files may refer to
 * each other. `session-folder.ts` makes each file anew: a job that put a link in
 * the way gets an error, not a write through it.
 */
import { randomBytes } from 'node:crypto';
import { basename, join } from 'node:path';

import type { EmbeddedFile } from '@pipl/openjd-model';

import { SessionValueError } from './errors.ts';
import type { SessionFolder } from './session-folder.ts';

export interface PlacedFile {
  readonly file: EmbeddedFile;
  readonly path: string;
  readonly folder: SessionFolder;
}

/**
 * Chooses the path of each file in the folder, which is not asked for where there are none.
 * @throws SessionValueError for a `filename` that would leave the folder
 */
export function placeFiles(files: readonly EmbeddedFile[], folderOf: () => SessionFolder): PlacedFile[] {
  if (files.length === 0) return [];
  const folder = folderOf();
  return files.map((file) => ({ file, folder, path: join(folder.path, basenameOf(file)) }));
}

function basenameOf({ name, filename }: EmbeddedFile): string {
  if (filename === undefined) return randomBytes(8).toString('hex');
  if (filename !== '' && filename !== '.' && filename !== '..' && !/[/\\\0]/.test(filename)) return filename;
  throw new SessionValueError(`The embedded file ${name} cannot be named ${JSON.stringify(filename)}`, {
    why: 'A file name is one name inside the session, never a path.',
    hint: 'Give `filename` without folders.',
  });
}

/** Writes one file, executable when `runnable`. `data` has its format strings resolved. */
export function writeEmbeddedFile({ file, path, folder }: PlacedFile, data: string): void {
  folder.write(basename(path), withLineEnds(data, file.endOfLine), { runnable: file.runnable ?? false });
}

/** Makes room for the next script's files. */
export function removeFiles(placed: readonly PlacedFile[]): void {
  for (const { folder, path } of placed) folder.remove(basename(path));
}

/** Without `endOfLine` the text stays as it is written; AUTO is this system's own, LF. */
function withLineEnds(data: string, endOfLine: string | undefined): string {
  switch (endOfLine) {
    case undefined:
      return data;
    case 'CRLF':
      return data.replace(/\r?\n/g, '\r\n');
    default:
      return data.replaceAll('\r\n', '\n');
  }
}
