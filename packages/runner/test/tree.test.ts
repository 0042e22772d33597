import { randomUUID } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildView, pickForAll, resolveTask, type CodeLock } from '@pipl/packl';
import { connect } from '@pipl/registry-client';
import { installedTree, removeUnusedTrees } from '../src/tree.ts';
import { index, makeBench, shellJob, type Bench } from './bench.ts';

/** A packl of code with a bin, its registry row, and the code lock of a task that depends on it. */
async function withCode(bench: Bench, comment = '') {
  await bench.publish(
    { name: '@test/code', version: '1.2.0', bin: { 'greet-me': 'greet.js' }, pipl: { kind: 'code' } },
    {
      'greet.js':
        '#!/usr/bin/env node\nconsole.log(`greetings from ${import.meta.dirname.includes("node_modules")}`);\n' +
        comment,
    },
  );
  const ticket = await bench.ticketFor({ job: shellJob('greet-me; command -v node') });
  const task = {
    ...(await bench.registry.row(index, ticket.task.name, '1.0.0'))!,
  };
  const dependent = { ...task, manifest: { ...task.manifest, dependencies: { '@test/code': '^1.0.0' } } };
  const view = buildView({
    index,
    indexes: await bench.registry.indexes(),
    rows: await bench.registry.rows(),
    tags: await bench.registry.tags(),
  });
  expect(pickForAll(view, '@test/code', ['^1.0.0'])?.version).toBe('1.2.0');
  const resolved = resolveTask(view, dependent);
  if (!resolved.ok) throw new Error('it resolves');
  return { ticket: { ...ticket, codeLock: resolved.lock.codeLock } };
}

const request = (bench: Bench, codeLock: CodeLock, pnpm = 'pnpm') => ({
  codeLock,
  trees: bench.config.trees,
  registry: `${bench.registry.url}/${index}/`,
  pnpm,
  env: { PATH: process.env['PATH']!, HOME: process.env['HOME']! },
  signal: new AbortController().signal,
  onInstall: () => undefined,
});

async function failingPnpm(bench: Bench): Promise<string> {
  const file = join(bench.root, 'no-pnpm');
  await writeFile(file, '#!/bin/sh\necho "ERR_PNPM_TEST pnpm was called" >&2\nexit 1\n');
  await chmod(file, 0o755);
  return file;
}

test('what a task depends on is installed once; after that no pnpm is needed', async () => {
  await using bench = await makeBench();
  const { ticket } = await withCode(bench);
  const first = await bench.run(ticket);
  expect(first.texts).toEqual(['greetings from true', process.execPath]);

  const pnpm = await failingPnpm(bench);
  const second = await bench.run({ ...ticket, attempt: 'again.1' }, { config: { pnpm } });
  expect(second.result.state).toBe('succeeded');
  // Found, not made: of the other, `pnpm` tells.
  expect(second.result.timings['tree']).toBeLessThan(5_000);

  const other = await bench.run(
    { ...ticket, attempt: 'other.1', codeLock: { ...ticket.codeLock, hash: 'another' } },
    { config: { pnpm } },
  );
  expect(other.result).toMatchObject({
    state: 'failed',
    error: { code: 'PIPL_INSTALL', why: 'ERR_PNPM_TEST pnpm was called' },
  });
});

test('a run installs from an index that nobody else may read', async () => {
  await using bench = await makeBench();
  // Nothing that a store of this machine might have.
  const { ticket } = await withCode(bench, `// ${randomUUID()}\n`);
  await bench.registry.createIndex(index, { read: ['root'] });
  await expect(installedTree(request(bench, ticket.codeLock))).rejects.toMatchObject({
    code: 'PIPL_INSTALL',
  });
  expect((await bench.run(ticket)).texts).toEqual(['greetings from true', process.execPath]);
});

test('the links of a tree are read-only, and half a tree is never seen', async () => {
  await using bench = await makeBench();
  const { ticket } = await withCode(bench);
  const [one, two] = await Promise.all([
    installedTree(request(bench, ticket.codeLock)),
    installedTree(request(bench, ticket.codeLock)),
  ]);
  expect(one).toBe(two);
  expect((await stat(join(one, 'node_modules'))).mode & 0o222).toBe(0);
  expect(JSON.parse(await readFile(join(one, 'tree.json'), 'utf8'))).toEqual({ hash: ticket.codeLock.hash });
  expect((await readdir(bench.config.trees)).filter((name) => name.startsWith('.'))).toEqual([]);
});

test('install scripts of packls do not run', async () => {
  await using bench = await makeBench();
  const canary = join(bench.root, 'canary');
  await bench.publish({
    name: '@test/bad',
    version: '1.0.0',
    scripts: { preinstall: `touch ${canary}`, install: `touch ${canary}`, postinstall: `touch ${canary}` },
    pipl: { kind: 'code' },
  });
  const { integrity } = (await bench.registry.row(index, '@test/bad', '1.0.0'))!;
  const lockfile = `lockfileVersion: '9.0'

settings:
  autoInstallPeers: true
  excludeLinksFromLockfile: false

importers:

  .:
    dependencies:
      '@test/bad':
        specifier: 1.0.0
        version: 1.0.0

packages:

  '@test/bad@1.0.0':
    resolution: {integrity: ${integrity}}

snapshots:

  '@test/bad@1.0.0': {}
`;
  const codeLock = { hash: 'bad', dependencies: { '@test/bad': '1.0.0' }, lockfile };
  const tree = await installedTree(request(bench, codeLock));
  expect(await readdir(join(tree, 'node_modules', '@test'))).toEqual(['bad']);
  await expect(stat(canary)).rejects.toMatchObject({ code: 'ENOENT' });
  expect(connect({ url: bench.registry.url }).token).toBeUndefined();
});

test('the least recently used trees go, but never one that a run may be in', async () => {
  await using bench = await makeBench();
  const { trees } = bench.config;
  const day = 24 * 60 * 60;
  for (const [name, days] of [
    ['new', 0],
    ['old', 2],
    ['older', 3],
    ['oldest', 4],
  ] as const) {
    await mkdir(join(trees, name, 'node_modules', '.bin'), { recursive: true });
    await writeFile(join(trees, name, 'tree.json'), '{}');
    await chmod(join(trees, name, 'node_modules'), 0o555);
    const at = Date.now() / 1000 - days * day;
    await utimes(join(trees, name, 'tree.json'), at, at);
  }
  expect(await removeUnusedTrees(trees, { keep: 2 })).toEqual(['older', 'oldest']);
  expect((await readdir(trees)).toSorted()).toEqual(['new', 'old']);
  expect(await removeUnusedTrees(trees, { keep: 0 })).toEqual(['old']);
});
