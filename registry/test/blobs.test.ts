/** The store of tarballs: what goes, and what must not go although somebody says it may. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { integrityOf } from '@pipl/registry-client';
import { openBlobs } from '../src/publishing/blobs.ts';
import { scratch } from './scene.ts';

const bytes = new TextEncoder().encode('content');
const integrity = integrityOf(bytes);
const yes = () => Promise.resolve(true);
const no = () => Promise.resolve(false);

test('content that no row names goes when it is settled, named content stays', async () => {
  const blobs = await openBlobs(await scratch());
  await (await blobs.hold(integrity, bytes)).settle(no);
  expect(await blobs.has(integrity)).toBe(false);
  await (await blobs.hold(integrity, bytes)).settle(yes);
  expect(await blobs.has(integrity)).toBe(true);
});

test('somebody else may publish the same content while the question is asked', async () => {
  const blobs = await openBlobs(await scratch());
  const refused = await blobs.hold(integrity, bytes);
  await refused.settle(async () => {
    const other = await blobs.hold(integrity, bytes);
    await other.settle(yes);
    return false;
  });
  expect(await blobs.has(integrity)).toBe(true);
});

test('at start, what a crash left goes: half written files and content without a row', async () => {
  const root = await scratch();
  const blobs = await openBlobs(root);
  await blobs.hold(integrity, bytes);
  const other = new TextEncoder().encode('other');
  await blobs.hold(integrityOf(other), other);
  await writeFile(join(root, 'tmp', 'half'), 'ha');
  const again = await openBlobs(root);
  expect(await again.repair(new Set([integrity]))).toBe(2);
  expect([await again.has(integrity), await again.has(integrityOf(other))]).toEqual([true, false]);
});

test('only a sha512 names content', async () => {
  const blobs = await openBlobs(await scratch());
  for (const wrong of ['sha512-../../etc', 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=', '']) {
    expect(() => blobs.path(wrong)).toThrow('not a sha512');
  }
});
