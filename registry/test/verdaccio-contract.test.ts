/**
 * What our plugins lean on in Verdaccio, and its types do not say: which methods it calls, with which arguments,
 * and that it still is the version these were read from. When this fails after an update, read its storage and
 * loader again, mend `registry/src/verdaccio/`, and only then this list.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { authPlugin } from '../src/verdaccio/auth.ts';
import { storagePlugin } from '../src/verdaccio/storage.ts';

const mend = 'Verdaccio changed its plugin contract: see the first lines of this file.';
const home = dirname(createRequire(import.meta.url).resolve('verdaccio/package.json'));
const source = (file: string) => readFile(join(home, 'build', file), 'utf8');
const called = (text: string, pattern: RegExp) =>
  [...new Set([...text.matchAll(pattern)].map(([, name]) => name ?? ''))].toSorted();

/** 'none', or what a failure should say. */
const difference = (found: unknown, known: unknown): string =>
  isDeepStrictEqual(found, known)
    ? 'none'
    : `${mend} It was ${JSON.stringify(known)}, now ${JSON.stringify(found)}.`;

const reads = {
  document: () => Promise.resolve(undefined),
  packument: () => Promise.resolve(undefined),
  tarball: () => Promise.resolve(undefined),
  names: () => Promise.resolve([]),
};
const blobs = { open: () => Promise.resolve(undefined) };
const plugin = storagePlugin({ reads, blobs }, 'x'.repeat(32)) as unknown as Record<string, unknown>;

test('it is the version that was read', async () => {
  const { version } = JSON.parse(await readFile(join(home, 'package.json'), 'utf8')) as { version: string };
  const { dependencies } = JSON.parse(
    await readFile(join(import.meta.dirname, '..', 'package.json'), 'utf8'),
  ) as { dependencies: Record<string, string> };
  expect(difference([version, dependencies['verdaccio']], ['6.10.4', '6.10.4'])).toBe('none');
});

test('of a storage plugin it calls these methods', async () => {
  const text = await source('lib/local-storage.js');
  const ofPlugin = called(text, /storagePlugin\.(\w+)\(/g);
  expect(
    difference(ofPlugin, [
      'add',
      'deleteToken',
      'getPackageStorage',
      'getSecret',
      'readTokens',
      'remove',
      'saveToken',
      'search',
      'setSecret',
    ]),
  ).toBe('none');
  // Of tokens it knows nothing here: its own route for them is an experiment that is off.
  const ours = ofPlugin.filter((name) => !/Tokens?$/.test(name));
  expect(ours.filter((name) => typeof plugin[name] !== 'function')).toEqual([]);
});

test('of the storage of one packl it calls these methods, and ours has them all', async () => {
  const text = await source('lib/local-storage.js');
  const ofPackl = called(text, /[^.\w]storage\.(\w+)\(/g);
  expect(
    difference(ofPackl, [
      'createPackage',
      'deletePackage',
      'readPackage',
      'readTarball',
      'removePackage',
      'savePackage',
      'updatePackage',
      'writeTarball',
    ]),
  ).toBe('none');
  const ours = (plugin['getPackageStorage'] as (name: string) => Record<string, unknown>)('a');
  expect(ofPackl.filter((name) => typeof ours[name] !== 'function')).toEqual([]);
});

test('it reads with callbacks, and takes a tarball as a stream that says open and its length', async () => {
  const text = await source('lib/local-storage.js');
  expect(difference(/storage\.readPackage\(\w+, \((?:err|error), \w+\) => \{/.test(text), true)).toBe('none');
  expect(difference(/storage\.readTarball\(filename\)/.test(text), true)).toBe('none');
  const heard = called(text, /readTarballStream\.on\("([\w-]+)"/g);
  expect(difference(heard, ['content-length', 'error', 'open'])).toBe('none');
});

test('of an auth plugin it calls these methods, and ours has those that are asked for here', async () => {
  const auth = createRequire(join(home, 'package.json')).resolve('@verdaccio/auth');
  const text = await readFile(join(dirname(auth), 'auth.js'), 'utf8');
  const asked = called(text, /plugin\??\.(\w+)/g);
  expect(
    difference(asked, [
      'add_user',
      'adduser',
      'allow_access',
      'allow_publish',
      'allow_unpublish',
      'apiJWTmiddleware',
      'authenticate',
      'changePassword',
    ]),
  ).toBe('none');
  const ours = authPlugin({} as never) as unknown as Record<string, unknown>;
  const needed = ['authenticate', 'allow_access', 'allow_publish', 'allow_unpublish', 'apiJWTmiddleware'];
  expect(needed.filter((name) => typeof ours[name] !== 'function')).toEqual([]);
});
