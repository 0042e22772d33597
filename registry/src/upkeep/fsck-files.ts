/** The files of the blob store as they are, without the store: what is there, what is in it. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PiplError } from '@pipl/packl';
import { openTarball } from '@pipl/registry-client';
import { integrityOfHex } from '../publishing/blobs-collect.ts';
import { hexOf } from '../publishing/blobs.ts';

export interface Kept {
  readonly file: string;
  readonly integrity: string;
  readonly size: number;
  /** milliseconds since 1970 */
  readonly touched: number;
}

const unlessGone = async <T>(work: Promise<T>): Promise<T | undefined> =>
  work.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });

export const fileOf = (root: string, integrity: string): string => {
  const hex = hexOf(integrity);
  return join(root, 'sha512', hex.slice(0, 2), hex);
};

/** Every file of the store that is named like content. */
export async function* contentsOf(root: string): AsyncGenerator<Kept> {
  const contents = join(root, 'sha512');
  for (const shard of (await unlessGone(readdir(contents))) ?? []) {
    for (const hex of await readdir(join(contents, shard))) {
      const file = join(contents, shard, hex);
      const found = await unlessGone(stat(file));
      if (found === undefined) continue;
      yield { file, integrity: integrityOfHex(hex), size: found.size, touched: found.mtimeMs };
    }
  }
}

/** What is on its way in, or was when a process died. */
export async function leftovers(root: string): Promise<{ file: string; touched: number }[]> {
  const temporary = join(root, 'tmp');
  const names = (await unlessGone(readdir(temporary))) ?? [];
  const found = await Promise.all(names.map((name) => unlessGone(stat(join(temporary, name)))));
  return names.flatMap((name, at) => {
    const entry = found[at];
    return entry === undefined ? [] : [{ file: join(temporary, name), touched: entry.mtimeMs }];
  });
}

export const isThere = async (file: string): Promise<boolean> => (await unlessGone(stat(file))) !== undefined;

export interface Digests {
  readonly integrity: string;
  readonly shasum: string;
}

/** undefined when the file is not there */
export const digestsOf = (file: string): Promise<Digests | undefined> => unlessGone(digestsOfThere(file));

async function digestsOfThere(file: string): Promise<Digests> {
  const [strong, weak] = [createHash('sha512'), createHash('sha1')];
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    strong.update(chunk);
    weak.update(chunk);
  }
  return { integrity: `sha512-${strong.digest('base64')}`, shasum: weak.digest('hex') };
}

const wanted = (path: string) =>
  path === 'package.json' ? ({ most: 1024 * 1024, bigger: 'refused' } as const) : undefined;

/** `name@version` of the package.json in a tarball; undefined when there is none to be read. */
export async function namedInside(file: string): Promise<string | undefined> {
  const { kept, write, end, abandon } = openTarball(wanted);
  try {
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) await write(chunk);
    await end();
  } catch (error) {
    // Older than the rules for tarballs: its bytes are those that were published.
    if (error instanceof PiplError) return undefined;
    throw error;
  } finally {
    abandon();
  }
  const text = kept.get('package.json');
  if (text === undefined) return undefined;
  const { name = '', version = '' } = JSON.parse(Buffer.from(text).toString()) as {
    name?: string;
    version?: string;
  };
  return `${name}@${version}`;
}

/** Moves a file out of the way, where a person can look at it. */
export async function quarantine(root: string, file: string): Promise<string> {
  const to = join(root, 'quarantine', `${new Date().toISOString().slice(0, 10)}-${file.split('/').at(-1)}`);
  await mkdir(dirname(to), { recursive: true });
  await rename(file, to);
  return to;
}
