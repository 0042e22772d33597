/**
 * The locks that pipl writes, handed to the real pnpm: it must install exactly what they say. Needs pnpm 12 on the PATH.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { resolveTask } from '../src/index.ts';
import type { RunLock } from '../src/index.ts';
import { startNpmRegistry } from './npm-registry.ts';
import type { NpmRegistry } from './npm-registry.ts';
import {
  isForeign,
  productionShape,
  publishPipe,
  publishProduction,
  publishThirdParties,
} from './productions.ts';
import type { Production, ProductionShape } from './productions.ts';
import { install, pnpmVersion, readTree } from './tree.ts';
import type { Machine } from './tree.ts';
import { view } from './rows.ts';

const version = pnpmVersion();
const usable = version?.startsWith('12.') === true;
if (!usable) {
  const reason = `pnpm 12 is not on the PATH (found ${version ?? 'none'})`;
  if (process.env['PIPL_TEST_REQUIRE'] === 'all') throw new Error(reason);
  console.log(`Skipped: ${reason}.`);
}

let registry: NpmRegistry;
let machine: Machine;
let produce: (scope: string, shape: ProductionShape) => Production;

beforeAll(async () => {
  if (!usable) return;
  registry = await startNpmRegistry();
  machine = { folder: await mkdtemp(join(tmpdir(), 'pipl-lock-')), registry: registry.url };
  const lockFor = publishThirdParties(registry);
  const pipe = publishPipe(registry);
  produce = (scope, shape) => {
    const { task, rows } = publishProduction(registry, lockFor, { scope, shape });
    return { task, rows: [...rows, ...pipe] };
  };
});

afterAll(async () => {
  await registry?.[Symbol.asyncDispose]();
  if (machine !== undefined) await rm(machine.folder, { recursive: true, force: true });
});

const lockOf = ({ task, rows }: Production): RunLock => {
  const resolution = resolveTask(view(rows), task);
  if (!resolution.ok) throw new Error(JSON.stringify(resolution.missing));
  return resolution.lock;
};

/** Every packl edge of the run lock between installed packls, as the lock for pnpm must have it. */
function packlEdges({ nodes }: RunLock, keys: readonly string[]): string[] {
  return Object.entries(nodes).flatMap(([key, { dependencies }]) =>
    keys.includes(key) ? Object.entries(dependencies).map(([name, to]) => `${key} → ${name}@${to}`) : [],
  );
}

const shapes = fc
  .sample(productionShape, { numRuns: 15, seed: 20 })
  .map((shape, at) => ({ scope: `g${at}`, shape }));

test.runIf(usable).each(shapes)(
  'what pnpm installs for production $scope equals the lock',
  async ({ scope, shape }) => {
    const lock = lockOf(produce(scope, shape));
    const { codeLock } = lock;
    const tree = await install(machine, scope, codeLock);

    expect(await readFile(join(tree, 'pnpm-lock.yaml'), 'utf8')).toBe(codeLock.lockfile);
    const { problems, installed, locked, homes } = await readTree(tree, codeLock.lockfile, isForeign);
    expect(problems).toEqual([]);
    expect(installed).toEqual(locked.filter((key) => !isForeign(key)));
    const keys = installed.filter((key) => key in lock.nodes);
    const { edges } = await import('./pnpm-lock-reader.ts').then((reader) =>
      reader.parsePnpmLock(codeLock.lockfile),
    );
    const written = keys.flatMap((key) => Object.values(edges[key]!).map((to) => `${key} → ${to}`));
    expect(written).toEqual(expect.arrayContaining(packlEdges(lock, keys)));
    expect([...homes.keys()].filter((key) => key.startsWith('@pipl/pipe@'))).toHaveLength(1);
    expect(installed.filter((key) => key.includes('/model@') || key.includes('/task@'))).toEqual([]);
  },
);

/** One production with everything in it. */
const full: ProductionShape = {
  packls: [
    {
      versions: ['1.0.0', '1.2.0'],
      asks: [{ steps: 1, range: '^1.0.0' }],
      peerOnPipe: true,
      peerOnLast: true,
      bin: true,
      third: { left: '1.0.0', react: '17.0.2', names: ['chain', 'deck', 'sharpish', 'aliased'] },
    },
    {
      versions: ['1.0.0', '1.2.0'],
      asks: [],
      peerOnPipe: false,
      peerOnLast: false,
      bin: false,
      third: { left: '1.1.0', react: '18.3.1', names: ['chain', '@third/ui', 'deck'] },
    },
  ],
  taskAsks: [0],
  taskThird: { left: '1.0.0', react: '17.0.2', names: ['tool', 'left', 'aliased', '@third/ui'] },
};

test.runIf(usable)('bins, peer suffixes, aliases and packages of this platform only', async () => {
  const { codeLock } = lockOf(produce('full', full));
  const tree = await install(machine, 'full', codeLock);
  const { installed, problems } = await readTree(tree, codeLock.lockfile, isForeign);

  expect(problems).toEqual([]);
  expect(installed).toContain('@third/ui@2.0.0(react@17.0.2)');
  expect(installed).toContain('@third/ui@2.0.0(react@18.3.1)');
  expect(installed).toContain('@img/here@0.33.0');
  expect(codeLock.lockfile).toContain('@img/there@0.33.0');
  expect(codeLock.dependencies).toMatchObject({ left: '1.0.0', '@pipl/pipe': '1.4.0', '@full/p0': '1.2.0' });
  expect((await readdir(join(tree, 'node_modules/.bin'))).toSorted()).toEqual([
    'full-p0',
    'pipl-step',
    'run-tool',
  ]);
  expect(execFileSync(join(tree, 'node_modules/.bin/run-tool'), { encoding: 'utf8' })).toBe('tool\n');
});

test.runIf(usable)(
  'the tarball decides: a wrong integrity is refused even with the right bytes in the store',
  async () => {
    const { codeLock } = lockOf(produce('wrong', full));
    await install(machine, 'wrong-before', codeLock);
    const other = `sha512-${'A'.repeat(86)}==`;
    const at = codeLock.lockfile.indexOf("'@wrong/p0@1.2.0':");
    const lockfile =
      codeLock.lockfile.slice(0, at) + codeLock.lockfile.slice(at).replace(/sha512-[^}]*/, other);

    await expect(install(machine, 'wrong', { ...codeLock, lockfile })).rejects.toThrow(/integrity/i);
  },
);

test.runIf(usable)('what is in the store needs no registry, and pnpm asks for no packument', async () => {
  const { codeLock } = lockOf(produce('offline', full));
  await install(machine, 'offline-before', codeLock);
  const before = registry.asked.length;
  await install(machine, 'offline', codeLock);
  expect(registry.asked.slice(before)).toEqual([]);
  expect(registry.asked.filter((path) => !path.endsWith('.tgz'))).toEqual([]);
});
