/**
 * Reads the files of an npm tarball, strictly: the one door through which a stranger's archive comes in.
 *
 * Regular files and folders only. Anything that could reach outside the place it is unpacked to (absolute or
 * climbing paths, links, devices), that would overwrite another entry (also where case does not count), or
 * that is bigger than the limits is `PIPL_TARBALL`, and the reader stops there. The first part of a
 * path (`package/`) is left out, as npm does.
 */
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { piplError, type PiplError } from '@pipl/packl';

export interface TarballLimits {
  readonly entries: number;
  /** bytes, unpacked, everything together */
  readonly unpacked: number;
}

/** Assets never travel in tarballs, so a packl is small. */
export const tarballLimits: TarballLimits = { entries: 20_000, unpacked: 512 * 1024 * 1024 };

export interface TarballFile {
  /** relative, with `/`, without the leading `package/` */
  readonly path: string;
  readonly executable: boolean;
  readonly data: Uint8Array;
}

export const badTarball = (why: string, cause?: unknown): PiplError =>
  piplError('invalid', 'PIPL_TARBALL', {
    what: 'The tarball cannot be taken.',
    why,
    hint: 'Pack it again with `pipl packl publish`, `pnpm pack` or `npm pack`.',
    ...(cause === undefined ? {} : { cause }),
  });

/** The path inside the packl; '' for the root folder itself. */
function pathOf(name: string): string {
  // eslint-disable-next-line no-control-regex
  if (/[\0-\x1f\\]/.test(name)) throw badTarball(`The name of an entry has a character that is not allowed.`);
  const parts = name.replace(/\/+$/, '').split('/');
  if (name.startsWith('/') || /^[a-z]:/i.test(name)) throw badTarball(`"${name}" is an absolute path.`);
  if (parts.some((part) => part === '..')) throw badTarball(`"${name}" climbs out of the packl.`);
  return parts
    .slice(1)
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}

/** Remembers what was seen, so that no entry hides or replaces another. */
function uniquePaths() {
  const files = new Set<string>();
  const folders = new Set<string>();
  return (path: string) => {
    const key = path.normalize('NFC').toLowerCase();
    if (files.has(key)) throw badTarball(`"${path}" is in it twice.`);
    if (folders.has(key)) throw badTarball(`"${path}" is both a file and a folder.`);
    files.add(key);
    const parts = key.split('/');
    for (let length = 1; length < parts.length; length++) {
      const folder = parts.slice(0, length).join('/');
      if (files.has(folder)) throw badTarball(`"${folder}" is both a file and a folder.`);
      folders.add(folder);
    }
  };
}

/** Counts every byte that comes out of the gzip, headers and padding too: a bomb needs no entries. */
const atMost = (bytes: number) => {
  let seen = 0;
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      seen += chunk.length;
      if (seen > bytes) done(badTarball(`It unpacks to more than ${bytes} bytes.`));
      else done(null, chunk);
    },
  });
};

const headerBytes = 2048;

/**
 * The files, in the order of the archive.
 * @throws PIPL_TARBALL
 */
export async function* tarballFiles(
  tarball: Uint8Array,
  limits: TarballLimits = tarballLimits,
): AsyncGenerator<TarballFile> {
  // By its default: a bundle gives a CommonJS module no other names.
  const { extract } = (await import('tar-stream')).default;
  const entries = extract();
  const feeding = pipeline(
    [tarball],
    createGunzip(),
    atMost(limits.unpacked + limits.entries * headerBytes),
    entries,
  );
  // The reading side sees the same failure; without this the rejection would be nobody's.
  feeding.catch(() => undefined);
  const take = uniquePaths();
  let count = 0;
  let total = 0;
  try {
    for await (const entry of entries) {
      const { name, type, mode, size } = entry.header;
      if (++count > limits.entries) throw badTarball(`It has more than ${limits.entries} entries.`);
      if (type !== 'file' && type !== 'directory' && type !== 'contiguous-file') {
        throw badTarball(
          `"${name}" is a ${type ?? 'thing of an unknown kind'}; only files and folders may be inside.`,
        );
      }
      total += size ?? 0;
      if (total > limits.unpacked) throw badTarball(`It unpacks to more than ${limits.unpacked} bytes.`);
      const path = pathOf(name);
      if (type === 'directory') {
        entry.resume();
        continue;
      }
      if (path === '') throw badTarball(`"${name}" is not inside a folder.`);
      take(path);
      const chunks: Uint8Array[] = [];
      for await (const chunk of entry) chunks.push(chunk as Uint8Array);
      yield { path, executable: ((mode ?? 0) & 0o100) !== 0, data: Buffer.concat(chunks) };
    }
    await feeding;
  } catch (error) {
    throw error instanceof Error && error.name === 'PiplError'
      ? error
      : badTarball(`It is not a gzipped tar archive: ${(error as Error).message}`, error);
  }
  if (count === 0) throw badTarball('It is empty.');
}
