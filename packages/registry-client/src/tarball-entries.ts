/**
 * The entries of an archive, judged one by one: paths that stay inside, nothing twice, not too many, not too big.
 */
import { badTarball } from './bad-tarball.ts';
import { tarScan, type TarEntry, type TarScan } from './tar-scan.ts';

export interface TarballLimits {
  readonly entries: number;
  /** bytes, unpacked, everything together */
  readonly unpacked: number;
}

/** Assets never travel in tarballs, so a packl is small. */
export const tarballLimits: TarballLimits = { entries: 20_000, unpacked: 512 * 1024 * 1024 };

const longestPath = 1024;
const longestPart = 255;

/** The path inside the packl; '' for the root folder itself. */
function pathOf(name: string): string {
  // eslint-disable-next-line no-control-regex
  if (/[\0-\x1f\\]/.test(name)) throw badTarball(`The name of an entry has a character that is not allowed.`);
  if (name.length > longestPath) throw badTarball(`A path has more than ${longestPath} characters.`);
  const parts = name.replace(/\/+$/, '').split('/');
  if (name.startsWith('/') || /^[a-z]:/i.test(name)) throw badTarball(`"${name}" is an absolute path.`);
  if (parts.some((part) => part === '..')) throw badTarball(`"${name}" climbs out of the packl.`);
  if (parts.some((part) => part.length > longestPart)) {
    throw badTarball(`A part of a path has more than ${longestPart} characters.`);
  }
  return parts
    .slice(1)
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}

/** Remembers what was seen, so that no entry hides or replaces another. */
function uniquePaths() {
  const files = new Set<string>();
  const folders = new Set<string>();
  const both = (path: string) => badTarball(`"${path}" is both a file and a folder.`);
  const parents = (key: string) => {
    for (let slash = key.indexOf('/'); slash >= 0; slash = key.indexOf('/', slash + 1)) {
      const folder = key.slice(0, slash);
      if (files.has(folder)) throw both(folder);
      folders.add(folder);
    }
  };
  return (path: string, is: TarEntry['is']) => {
    const key = path.normalize('NFC').toLowerCase();
    parents(key);
    if (is === 'folder') {
      if (files.has(key)) throw both(path);
      if (key !== '') folders.add(key);
      return;
    }
    if (files.has(key)) throw badTarball(`"${path}" is in it twice.`);
    if (folders.has(key)) throw both(path);
    files.add(key);
  };
}

/** @returns where the content of this file goes; undefined when nobody needs it */
export type Open = (file: { path: string; executable: boolean; size: number }) => Sink | undefined;
export interface Sink {
  data(chunk: Uint8Array): void;
  whole(): void;
}

/** An archive's entries, each refused or handed on. */
export function strictScan(limits: TarballLimits, open: Open): TarScan {
  const take = uniquePaths();
  let count = 0;
  let total = 0;
  let sink: Sink | undefined;
  const scan = tarScan({
    entry({ name, is, executable, size }) {
      if (++count > limits.entries) throw badTarball(`It has more than ${limits.entries} entries.`);
      total += size;
      if (total > limits.unpacked) throw badTarball(`It unpacks to more than ${limits.unpacked} bytes.`);
      const path = pathOf(name);
      if (is === 'file' && path === '') throw badTarball(`"${name}" is not inside a folder.`);
      take(path, is);
      sink = is === 'folder' ? undefined : open({ path, executable, size });
    },
    data: (chunk) => sink?.data(chunk),
    whole: () => sink?.whole(),
  });
  return {
    feed: (chunk) => scan.feed(chunk),
    end() {
      scan.end();
      if (count === 0) throw badTarball('It is empty.');
    },
  };
}
