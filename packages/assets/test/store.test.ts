import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { AssetReference } from '@pipl/packl';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AssetStore, openStore, type Stored } from '../src/index.ts';

let folder: string;
let store: AssetStore;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pipl-assets-'));
  store = openStore(join(folder, 'store'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, content: string, mode = 0o644): string => {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content, { mode });
  return path;
};

const referenceTo = (
  kind: AssetReference['kind'],
  basename: string,
  { digest, size }: Stored,
): AssetReference => ({
  type: 'Anything',
  kind,
  basename,
  digest,
  size,
});

const blobOf = ({ digest }: Stored): string =>
  join(store.root, 'sha256', digest.slice(7, 9), digest.slice(7));
const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'no error',
    (error: unknown) => (error as { code: unknown }).code,
  );

test('a file is known by the sha256 of its bytes', async () => {
  const stored = await store.addFile(write('hello.txt', 'hello\n'));

  expect(stored).toEqual({
    digest: 'sha256:5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03',
    size: 6,
  });
  expect(await store.has(stored.digest)).toBe(true);
  expect(await text(await store.read(stored.digest))).toBe('hello\n');
});

test('the same content is stored once', async () => {
  const first = await store.addFile(write('a', 'same'));
  const second = await store.addFile(write('b', 'same'));

  expect(second).toEqual(first);
  expect(await Array.fromAsync(store.digests())).toEqual([first.digest]);
});

test('what is stored is read-only and nothing temporary stays', async () => {
  const stored = await store.addFile(write('a', 'content'));

  expect(statSync(blobOf(stored)).mode & 0o777).toBe(0o444);
  expect(readdirSync(join(store.root, 'tmp'))).toEqual([]);
});

test('a folder is known by what is in it, not by where it is, when it was written or in which order', async () => {
  write('one/b/deep.txt', 'deep');
  write('one/a.txt', 'a');
  write('two/a.txt', 'a');
  write('two/b/deep.txt', 'deep');

  const one = await store.addFolder(join(folder, 'one'));

  expect(await store.addFolder(join(folder, 'two'))).toEqual(one);
  expect(one).toMatchObject({ size: 5, files: 2 });
  expect(await text(await store.read(one.digest))).toBe(
    '{"path":"a.txt","x":false,"size":1,"sha256":"sha256:ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"}\n' +
      '{"path":"b/deep.txt","x":false,"size":4,"sha256":"sha256:74611c1d6455b534323a21f8133a6f43dc3a8188e7b946f96dcc28dde932fcb2"}\n',
  );
});

test('a file that becomes executable makes another folder', async () => {
  const tool = write('tools/run.sh', '#!/bin/sh\n');
  const before = await store.addFolder(join(folder, 'tools'));
  chmodSync(tool, 0o755);
  const after = await store.addFolder(join(folder, 'tools'));

  expect(after.digest).not.toBe(before.digest);
  const { path } = await store.checkout({
    reference: referenceTo('folder', 'tools', after),
    to: join(folder, 'run'),
  });
  expect(statSync(join(path, 'run.sh')).mode & 0o777).toBe(0o555);
});

test('100 frames go in and come out as a sequence', async () => {
  const numbers = Array.from({ length: 100 }, (_, index) => 1001 + index);
  const files = numbers.map((frame) => write(`out/sh010.${frame}.png`, `pixels of ${frame}`));

  const stored = await store.addSequence(files.toReversed());
  const checkedOut = await store.checkout({
    reference: referenceTo('sequence', 'sh010', stored),
    to: join(folder, 'run'),
  });

  expect(await store.addSequence(files)).toEqual(stored);
  expect(stored).toMatchObject({ files: 100, size: 1400, frames: numbers });
  expect(checkedOut).toMatchObject({ kind: 'sequence', dir: join(folder, 'run/sh010'), frames: numbers });
  expect(readFileSync(checkedOut.files![1042]!, 'utf8')).toBe('pixels of 1042');
  expect(readdirSync(checkedOut.path)).toHaveLength(100);
  await store.verify({ kind: 'sequence', digest: stored.digest });
});

test('a checkout is a hardlink to the store', async () => {
  const stored = await store.addFile(write('a', 'content'));
  const { path, dir } = await store.checkout({
    reference: referenceTo('file', 'a_v001.txt', stored),
    to: join(folder, 'run'),
  });

  expect([path, dir]).toEqual([join(folder, 'run/a_v001.txt'), join(folder, 'run')]);
  expect(statSync(path).ino).toBe(statSync(blobOf(stored)).ino);
});

const otherDevice = '/dev/shm';
const hasOtherDevice = existsSync(otherDevice) && statSync(otherDevice).dev !== statSync(tmpdir()).dev;

test.skipIf(!hasOtherDevice)('on another device a checkout is a read-only copy', async () => {
  const stored = await store.addFile(write('a', 'content'));
  const to = mkdtempSync(join(otherDevice, 'pipl-assets-'));
  try {
    const { path } = await store.checkout({ reference: referenceTo('file', 'a', stored), to });
    expect(readFileSync(path, 'utf8')).toBe('content');
    expect(statSync(path).mode & 0o777).toBe(0o444);
  } finally {
    rmSync(to, { recursive: true });
  }
});

test.each(['copy', 'reflink', 'edit'] as const)('%s shares nothing with the store', async (mode) => {
  const stored = await store.addFile(write('a', 'content'));
  const { path } = await store.checkout({
    reference: referenceTo('file', 'a', stored),
    to: join(folder, 'run'),
    mode,
  });

  expect(statSync(path).ino).not.toBe(statSync(blobOf(stored)).ino);
  expect(statSync(path).mode & 0o777).toBe(mode === 'edit' ? 0o644 : 0o444);
  chmodSync(path, 0o644);
  writeFileSync(path, 'edited');
  await store.verify(stored.digest);
});

test('an edit through a hardlink is found by verify and mended by adding the original', async () => {
  const original = write('a', 'content');
  const stored = await store.addFile(original);
  const { path } = await store.checkout({
    reference: referenceTo('file', 'a', stored),
    to: join(folder, 'run'),
  });
  chmodSync(path, 0o644);
  writeFileSync(path, 'CONTENT');

  await expect(store.verify(stored.digest)).rejects.toMatchObject({
    code: 'PIPL_ASSET_CORRUPT',
    exitStatus: 7,
  });

  await store.addFile(original);
  await store.verify(stored.digest);
});

test('an edited frame is found by verifying its sequence, and named', async () => {
  const files = [1, 2, 3].map((frame) => write(`out/f.${frame}.png`, `frame ${frame}`));
  const stored = await store.addSequence(files);
  const { files: frames } = await store.checkout({
    reference: referenceTo('sequence', 'f', stored),
    to: join(folder, 'run'),
  });
  chmodSync(frames![2]!, 0o644);
  writeFileSync(frames![2]!, 'FRAME 2');

  await expect(store.verify({ kind: 'sequence', digest: stored.digest })).rejects.toThrow(/damaged/);
  await expect(store.verify({ kind: 'sequence', digest: stored.digest })).rejects.toMatchObject({
    problems: [expect.stringContaining('f.2.png')],
  });
});

test('content with the wrong size is not checked out', async () => {
  const stored = await store.addFile(write('a', 'content'));
  chmodSync(blobOf(stored), 0o644);
  writeFileSync(blobOf(stored), 'cut');
  const to = join(folder, 'run');

  expect(await codeOf(store.checkout({ reference: referenceTo('file', 'a', stored), to }))).toBe(
    'PIPL_ASSET_CORRUPT',
  );
  expect(readdirSync(to)).toEqual([]);
});

test('missing content is named, and a folder with a missing file leaves nothing behind', async () => {
  const digest = `sha256:${'0'.repeat(64)}`;
  const reference = referenceTo('file', 'a', { digest, size: 1 });
  expect(await codeOf(store.checkout({ reference, to: join(folder, 'run') }))).toBe('PIPL_ASSET_MISSING');
  expect(await codeOf(store.verify(digest))).toBe('PIPL_ASSET_MISSING');
  expect(await codeOf(store.read(digest))).toBe('PIPL_ASSET_MISSING');
  expect(await store.has(digest)).toBe(false);

  write('out/a', 'a');
  const lost = await store.addFile(write('out/b', 'b'));
  const stored = await store.addFolder(join(folder, 'out'));
  rmSync(blobOf(lost));
  const folderReference = referenceTo('folder', 'out', stored);
  expect(await codeOf(store.checkout({ reference: folderReference, to: join(folder, 'run') }))).toBe(
    'PIPL_ASSET_MISSING',
  );
  expect(existsSync(join(folder, 'run/out'))).toBe(false);
});

test('a checkout writes over nothing', async () => {
  const stored = await store.addFile(write('a', 'content'));
  const mine = write('run/a', 'mine');

  expect(
    await codeOf(store.checkout({ reference: referenceTo('file', 'a', stored), to: join(folder, 'run') })),
  ).toBe('PIPL_ASSET_IN_THE_WAY');
  expect(readFileSync(mine, 'utf8')).toBe('mine');
});

test('neither a basename nor a stored manifest leads out of the checkout', async () => {
  const stored = await store.addFile(write('a', 'content'));
  const to = join(folder, 'run');
  expect(await codeOf(store.checkout({ reference: referenceTo('file', '../a', stored), to }))).toBe(
    'PIPL_ASSET_REFERENCE',
  );

  const line = { path: '../escaped', x: false, size: stored.size, sha256: stored.digest };
  const manifest = await store.addFile(write('evil', `${JSON.stringify(line)}\n`));
  expect(await codeOf(store.checkout({ reference: referenceTo('folder', 'x', manifest), to }))).toBe(
    'PIPL_ASSET_CORRUPT',
  );
  expect(existsSync(join(folder, 'run/escaped'))).toBe(false);
});

test('links, folders without files and unnumbered or doubled frames are refused', async () => {
  mkdirSync(join(folder, 'empty'));
  write('links/a', 'a');
  symlinkSync('/etc/passwd', join(folder, 'links/b'));
  const files = [write('s/a.1.png', '1'), write('s/b.01.png', '1'), write('s/still.png', '1')];

  expect(await codeOf(store.addFolder(join(folder, 'empty')))).toBe('PIPL_ASSET_NOT_STORABLE');
  expect(await codeOf(store.addFolder(join(folder, 'links')))).toBe('PIPL_ASSET_NOT_STORABLE');
  expect(await codeOf(store.addFile(join(folder, 'nowhere')))).toBe('PIPL_ASSET_NOT_STORABLE');
  expect(await codeOf(store.addFile(join(folder, 'empty')))).toBe('PIPL_ASSET_NOT_STORABLE');
  expect(await codeOf(store.addSequence(files.slice(0, 2)))).toBe('PIPL_ASSET_NOT_STORABLE');
  expect(await codeOf(store.addSequence(files.slice(2)))).toBe('PIPL_ASSET_NOT_STORABLE');
  expect(await codeOf(store.addSequence([]))).toBe('PIPL_ASSET_NOT_STORABLE');
});
