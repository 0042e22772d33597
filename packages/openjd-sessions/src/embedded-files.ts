/**
 * Writes a script's embedded files where its action will find them.
 *
 * Every path is known before any content is resolved, so files may refer to
 * each other. Files are made anew (O_EXCL, O_NOFOLLOW): a job that put a link in
 * the way gets an error, not a write through it.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, constants, fchmodSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

import type { EmbeddedFile } from '@pipl/openjd-model';

import { SessionValueError } from './errors.ts';

export interface PlacedFile {
  readonly file: EmbeddedFile;
  readonly path: string;
}

/**
 * Chooses the path of each file in `folder`.
 * @throws SessionValueError for a `filename` that would leave the folder
 */
export function placeFiles(files: readonly EmbeddedFile[], folder: string): PlacedFile[] {
  return files.map((file) => ({ file, path: join(folder, basenameOf(file)) }));
}

function basenameOf({ name, filename }: EmbeddedFile): string {
  if (filename === undefined) return randomBytes(8).toString('hex');
  if (filename !== '' && filename !== '.' && filename !== '..' && !/[/\\\0]/.test(filename)) return filename;
  throw new SessionValueError(`The embedded file ${name} cannot be named ${JSON.stringify(filename)}`, {
    why: 'A file name is one name inside the session, never a path.',
    hint: 'Give `filename` without folders.',
  });
}

/** Writes one file: 0600, or 0700 when runnable. `data` has its format strings resolved. */
export function writeEmbeddedFile({ file, path }: PlacedFile, data: string): void {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const mode = file.runnable ? 0o700 : 0o600;
  const descriptor = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
  try {
    const bytes = Buffer.from(withLineEnds(data, file.endOfLine));
    for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
    // The umask may have taken bits from the mode given to open.
    fchmodSync(descriptor, mode);
  } finally {
    closeSync(descriptor);
  }
}

/** Makes room for the next script's files. */
export function removeFiles(placed: readonly PlacedFile[]): void {
  for (const { path } of placed) rmSync(path, { force: true, recursive: true });
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
