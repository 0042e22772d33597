/** Packing is deterministic; unpacking refuses whatever could leave the folder it was given. */
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { pack, type Header } from 'tar-stream';
import { afterEach, expect, test } from 'vitest';
import {
  integrityMatches,
  packTarball,
  tarballFiles,
  unpackTarball,
  type PackedFile,
} from '@pipl/registry-client';
import { refusedArchives } from './tarball-corpus.ts';

const made: string[] = [];
async function scratch(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'pipl-tarball-'));
  made.push(dir);
  return dir;
}
afterEach(async () => {
  for (const dir of made.splice(0)) await rm(dir, { recursive: true, force: true });
});

const bytes = (text: string) => new TextEncoder().encode(text);
const files = new Map<string, PackedFile>([
  ['package.json', bytes('{}')],
  ['bin/run.js', { data: bytes('#!'), mode: 0o755 }],
  ['lib/a.js', bytes('a')],
]);

async function archive(
  ...entries: (Pick<Header, 'name'> &
    Partial<Pick<Header, 'type' | 'linkname' | 'devmajor' | 'devminor'>> & { body?: string })[]
): Promise<Uint8Array> {
  const tar = pack();
  for (const { body, ...header } of entries) {
    if (header.type === undefined || header.type === 'file') tar.entry(header, body ?? 'x');
    else tar.entry(header);
  }
  tar.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of tar) chunks.push(chunk as Uint8Array);
  return gzipSync(Buffer.concat(chunks));
}

test('the same files in any order give the same bytes', async () => {
  const one = await packTarball(files);
  const other = await packTarball(new Map([...files].toReversed()));

  expect(other.integrity).toBe(one.integrity);
  expect(integrityMatches(one.integrity, one.tarball)).toBe(true);
});

test('what was packed comes out again, executables executable', async () => {
  const dir = await scratch();
  await unpackTarball((await packTarball(files)).tarball, dir);

  expect((await readdir(dir, { recursive: true })).toSorted()).toEqual([
    'bin',
    'bin/run.js',
    'lib',
    'lib/a.js',
    'package.json',
  ]);
  expect(await readFile(join(dir, 'lib/a.js'), 'utf8')).toBe('a');
  expect((await stat(join(dir, 'bin/run.js'))).mode & 0o111).toBe(0o111);
  expect((await stat(join(dir, 'lib/a.js'))).mode & 0o111).toBe(0);
  expect((await stat(join(dir, 'bin/run.js'))).mode & 0o7000).toBe(0);
});

test('a path outside the packl cannot be packed', async () => {
  await expect(packTarball(new Map([['../x', bytes('x')]]))).rejects.toMatchObject({ code: 'PIPL_TARBALL' });
});

test('a folder that holds something already is refused', async () => {
  const dir = await scratch();
  await unpackTarball((await packTarball(files)).tarball, dir);
  await expect(unpackTarball((await packTarball(files)).tarball, dir)).rejects.toThrow('cannot be taken');
});

const evil: Record<string, [RegExp, ...Parameters<typeof archive>]> = {
  'a path that climbs': [/climbs/, { name: 'package/../../evil' }],
  'a path that climbs from the start': [/climbs/, { name: '../evil' }],
  'an absolute path': [/absolute/, { name: '/etc/evil' }],
  'a drive': [/absolute/, { name: 'c:/evil' }],
  'a backslash': [/not allowed/, { name: 'package/..\\evil' }],
  'a line feed': [/not allowed/, { name: 'package/a\nb' }],
  'a symlink': [/symlink/, { name: 'package/link', type: 'symlink', linkname: '/etc/passwd' }],
  'a hard link': [/link/, { name: 'package/link', type: 'link', linkname: '/etc/passwd' }],
  'a device': [/device/, { name: 'package/null', type: 'character-device', devmajor: 1, devminor: 3 }],
  'a pipe': [/fifo/, { name: 'package/pipe', type: 'fifo' }],
  'a file twice': [/twice/, { name: 'package/a' }, { name: 'package/a' }],
  'a file twice where case does not count': [/twice/, { name: 'package/a' }, { name: 'package/A' }],
  'a file where a folder is': [/both/, { name: 'package/a/b' }, { name: 'package/a' }],
  'a folder where a file is': [/both/, { name: 'package/a' }, { name: 'package/a/b' }],
  'a file outside a folder': [/not inside a folder/, { name: 'a' }],
  nothing: [/empty/],
};
for (const [what, [why, ...entries]] of Object.entries(evil)) {
  test(`refused: ${what}`, async () => {
    const outside = await scratch();
    const unpacked = unpackTarball(await archive(...entries), join(outside, 'in'));
    await expect(unpacked).rejects.toMatchObject({
      code: 'PIPL_TARBALL',
      why: expect.stringMatching(why) as string,
    });
    expect(await readdir(outside)).toEqual(['in']);
  });
}

const all = async (tarball: Uint8Array, limits: { entries: number; unpacked: number }) => {
  const found: string[] = [];
  for await (const { path } of tarballFiles(tarball, limits)) found.push(path);
  return found;
};

test('refused: too many entries, too big unpacked, a bomb of padding, garbage, a cut archive', async () => {
  const limits = { entries: 2, unpacked: 1000 };
  const three = await archive({ name: 'p/a' }, { name: 'p/b' }, { name: 'p/c' });
  await expect(all(three, limits)).rejects.toMatchObject({
    why: expect.stringContaining('more than 2') as string,
  });
  const big = await archive({ name: 'p/a', body: 'x'.repeat(1001) });
  await expect(all(big, limits)).rejects.toMatchObject({
    why: expect.stringContaining('more than 1000') as string,
  });
  const bomb = gzipSync(new Uint8Array(10_000_000));
  await expect(all(bomb, limits)).rejects.toMatchObject({
    why: expect.stringContaining('unpacks to more') as string,
  });
  await expect(all(bytes('hello'), limits)).rejects.toMatchObject({
    why: expect.stringContaining('not a gzipped') as string,
  });
  const cut = three.subarray(0, three.length - 20);
  await expect(all(cut, { entries: 9, unpacked: 1000 })).rejects.toMatchObject({ code: 'PIPL_TARBALL' });
});

const treeOf = async (dir: string) => {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries
    .filter((one) => one.isFile() || one.isSymbolicLink())
    .map((one) => join(one.parentPath, one.name))
    .filter((path) => !path.startsWith(join(dir, 'in')));
};

test.each(Object.entries(refusedArchives))(
  'refused at once, nothing outside is touched: %s',
  async (_what, { why, tarball }) => {
    const outside = await scratch();
    await writeFile(join(outside, 'evil'), 'as it was');
    const bad = tarball();
    const began = process.cpuUsage();
    await expect(unpackTarball(bad, join(outside, 'in'))).rejects.toMatchObject({
      code: 'PIPL_TARBALL',
      why: expect.stringMatching(why) as string,
    });
    // Of this process alone, in microseconds: what others do on this machine is not counted.
    expect(process.cpuUsage(began).user).toBeLessThan(1_000_000);
    expect(await treeOf(outside)).toEqual([join(outside, 'evil')]);
    expect(await readFile(join(outside, 'evil'), 'utf8')).toBe('as it was');
  },
);

test('archives as others write them are taken: pax and long names, folders, a global comment', async () => {
  const found: string[] = [];
  const path = `package/${'folder/'.repeat(20)}file.js`;
  const tar = pack();
  tar.entry({ name: 'package/', type: 'directory' });
  tar.entry({ name: path }, 'x');
  tar.entry({ name: 'package/e.js', pax: { comment: 'a' } }, '');
  tar.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of tar) chunks.push(chunk as Uint8Array);
  for await (const one of tarballFiles(gzipSync(Buffer.concat(chunks)))) found.push(one.path);
  expect(found).toEqual([path.slice('package/'.length), 'e.js']);
});
