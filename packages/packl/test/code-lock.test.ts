import { expect, test } from 'vitest';
import { parseManifest, pipeName, resolveTask } from '../src/index.ts';
import type { CodeLock, Row } from '../src/index.ts';
import { parsePnpmLock } from './pnpm-lock-reader.ts';
import { peers, productRow, row, taskRow, thirdParty, view } from './rows.ts';

const codeLock = (rows: readonly Row[]): CodeLock => {
  const resolution = resolveTask(view(rows), rows[0]!);
  if (!resolution.ok) throw new Error(JSON.stringify(resolution.missing));
  return resolution.lock.codeLock;
};
const edgesOf = (rows: readonly Row[]) => parsePnpmLock(codeLock(rows).lockfile).edges;

const production = [
  taskRow('t@1.0.0', { m: '^1', lib: '^1', env: '^1', other: '^1' }),
  productRow('m@1.0.0', { types: '^1' }),
  taskRow('other@1.0.0', { 'only-other': '^1' }),
  row('lib@1.0.0', { deep: '^1' }),
  row('deep@1.0.0'),
  row('env@1.0.0', {}, { manifest: { pipl: { kind: 'envset' } } }),
  row('plain@1.0.0', {}, { manifest: { pipl: undefined } }),
  row('types@1.0.0'),
  row('only-other@1.0.0'),
  row(`${pipeName}@1.0.0`),
];

test('code and envsets of the task are installed with what they reach, and @pipl/pipe; inputs and tasks are not', () => {
  expect(codeLock(production).dependencies).toEqual({ [pipeName]: '1.0.0', env: '1.0.0', lib: '1.0.0' });
  expect(Object.keys(edgesOf(production)).toSorted()).toEqual([
    `${pipeName}@1.0.0`,
    'deep@1.0.0',
    'env@1.0.0',
    'lib@1.0.0',
  ]);
});

test('a plain npm package that the view owns is code', () => {
  const rows = [
    taskRow('t@1.0.0', { plain: '*' }),
    row('plain@1.0.0', {}, { manifest: { pipl: undefined } }),
  ];
  expect(codeLock(rows).dependencies).toEqual({ plain: '1.0.0' });
});

test('publishing a product or a new version of the task needs no new install', () => {
  const before = codeLock(production);
  const [task, ...rest] = production;
  const renewed = {
    ...task!,
    version: '2.0.0',
    integrity: 'sha512-new',
    manifest: { ...task!.manifest, version: '2.0.0' },
  };
  expect(codeLock([renewed, ...rest, productRow('m@1.1.0')])).toEqual(before);
  expect(codeLock([...production, row('deep@1.0.1')]).hash).not.toBe(before.hash);
});

test('peers of packls are ordinary dependencies on the one instance', () => {
  const rows = [taskRow('t@1.0.0', { a: '^1' }), row('a@1.0.0', {}, peers({ p: '^1' })), row('p@1.0.0')];
  expect(edgesOf(rows)).toEqual({ 'a@1.0.0': { p: 'p@1.0.0' }, 'p@1.0.0': {} });
});

const with_ = (name: string, lock: ReturnType<typeof thirdParty>, more: object = {}) =>
  row(`${name}@1.0.0`, Object.fromEntries(Object.keys(lock.direct).map((one) => [one, '*'])), {
    thirdParty: lock,
    ...more,
  });

test('third-party locks are merged per edge and the higher version wins, whoever comes first', () => {
  const low = thirdParty(
    { foo: 'foo@1.0.0' },
    { 'foo@1.0.0': { dependencies: { bar: '1.9.0' } }, 'bar@1.9.0': {} },
  );
  const high = thirdParty(
    { foo: 'foo@1.0.0' },
    { 'foo@1.0.0': { dependencies: { bar: '1.10.0' } }, 'bar@1.10.0': {} },
  );
  const task = taskRow('t@1.0.0', { a: '^1', b: '^1' });
  const expected = { 'foo@1.0.0': { bar: 'bar@1.10.0' }, 'bar@1.10.0': {} };
  expect(edgesOf([task, with_('a', low), with_('b', high)])).toMatchObject(expected);
  const edges = edgesOf([task, with_('a', high), with_('b', low)]);
  expect(edges).toMatchObject(expected);
  expect(Object.keys(edges)).not.toContain('bar@1.9.0');
});

test('of two references to one version the same is taken in either order', () => {
  const locks = ['1.0.0', '2.0.0'].map((peer) =>
    thirdParty(
      { foo: 'foo@1.0.0' },
      {
        'foo@1.0.0': { dependencies: { bar: `1.0.0(peer@${peer})` } },
        [`bar@1.0.0(peer@${peer})`]: { dependencies: { peer } },
        [`peer@${peer}`]: {},
      },
    ),
  );
  const task = taskRow('t@1.0.0', { a: '^1', b: '^1' });
  const there = edgesOf([task, with_('a', locks[0]!), with_('b', locks[1]!)]);
  expect(there['foo@1.0.0']).toEqual({ bar: 'bar@1.0.0(peer@2.0.0)' });
  expect(Object.keys(there)).not.toContain('peer@1.0.0');
  expect(edgesOf([task, with_('a', locks[1]!), with_('b', locks[0]!)])['foo@1.0.0']).toEqual(
    there['foo@1.0.0'],
  );
});

test('what one lock calls optional and another does not is no longer optional', () => {
  const [maybe, surely] = ['optionalDependencies', 'dependencies'].map((edge) =>
    thirdParty({ foo: 'foo@1.0.0' }, { 'foo@1.0.0': { [edge]: { bar: '1.0.0' } }, 'bar@1.0.0': {} }),
  );
  const { lockfile } = codeLock([
    taskRow('t@1.0.0', { a: '^1', b: '^1' }),
    with_('a', maybe!),
    with_('b', surely!),
  ]);
  expect(lockfile).not.toMatch(/optional/);
});

test('an optional third-party package of a packl is there, and may fail to install', () => {
  const lock = thirdParty(
    { foo: 'foo@1.0.0' },
    { 'foo@1.0.0': { dependencies: { bar: '1.0.0' } }, 'bar@1.0.0': {} },
  );
  const more = { thirdParty: lock, manifest: { optionalDependencies: { foo: '^1' } } };
  // npm lets the optional one override the plain one
  const rows = [taskRow('t@1.0.0', { a: '^1' }), row('a@1.0.0', { foo: '^1' }, more)];
  const { lockfile } = codeLock(rows);
  expect(lockfile).toContain('  a@1.0.0:\n    optionalDependencies:\n      foo: 1.0.0\n');
  expect(lockfile.match(/optional: true/g)).toHaveLength(2);
});

test('each packl keeps its own version of a third-party package', () => {
  const [one, two] = ['1.0.0', '2.0.0'].map((version) =>
    thirdParty({ foo: `foo@${version}` }, { [`foo@${version}`]: {} }),
  );
  const edges = edgesOf([taskRow('t@1.0.0', { a: '^1', b: '^1' }), with_('a', one!), with_('b', two!)]);
  expect(edges['a@1.0.0']).toEqual({ foo: 'foo@1.0.0' });
  expect(edges['b@1.0.0']).toEqual({ foo: 'foo@2.0.0' });
});

test('a third-party peer of several packls is one instance: the highest recorded', () => {
  const [one, two] = ['17.0.2', '18.3.1'].map((version) =>
    row(
      `p${version.slice(0, 2)}@1.0.0`,
      {},
      peers({ react: '*' }, [], {
        thirdParty: thirdParty({ react: `react@${version}` }, { [`react@${version}`]: {} }),
      }),
    ),
  );
  const edges = edgesOf([taskRow('t@1.0.0', { p17: '^1', p18: '^1' }), one!, two!]);
  expect(edges['p17@1.0.0']).toEqual({ react: 'react@18.3.1' });
  expect(edges['p18@1.0.0']).toEqual({ react: 'react@18.3.1' });
});

test('the third-party packages of the task itself are direct, an alias under its own name', () => {
  const lock = thirdParty(
    { foo: 'foo@1.0.0(bar@2.0.0)', other: 'bar@2.0.0' },
    {
      'foo@1.0.0(bar@2.0.0)': { dependencies: { bar: '2.0.0' } },
      'bar@2.0.0': {},
    },
  );
  const { dependencies, lockfile } = codeLock([
    taskRow('t@1.0.0', { foo: '^1', other: 'npm:bar@^2' }, { thirdParty: lock }),
  ]);
  expect(dependencies).toEqual({ foo: '1.0.0', other: 'npm:bar@2.0.0' });
  expect(parsePnpmLock(lockfile).importer).toEqual({ foo: 'foo@1.0.0(bar@2.0.0)', other: 'bar@2.0.0' });
});

test('only what is reached through optional edges alone may fail to install', () => {
  const lock = thirdParty(
    { foo: 'foo@1.0.0' },
    {
      'foo@1.0.0': {
        dependencies: { both: '1.0.0' },
        optionalDependencies: { maybe: '1.0.0', both: '1.0.0' },
      },
      'maybe@1.0.0': { dependencies: { below: '1.0.0' } },
      'both@1.0.0': {},
      'below@1.0.0': {},
    },
  );
  const { lockfile } = codeLock([taskRow('t@1.0.0', { foo: '^1' }, { thirdParty: lock })]);
  const snapshots = lockfile.slice(lockfile.indexOf('snapshots:'));
  const optional = snapshots.split('\n\n').filter((text) => text.includes('optional: true'));
  expect(optional.map((text) => text.trim().split(':')[0])).toEqual(['below@1.0.0', 'maybe@1.0.0']);
});

test('the text is what pnpm writes', () => {
  const bin = parseManifest({
    ...row('lib@1.0.0').manifest,
    bin: './lib.js',
    engines: { node: '>=20' },
    os: ['linux'],
  });
  const lib = { ...row('lib@1.0.0'), integrity: 'sha512-lib==', manifest: bin };
  expect(codeLock([taskRow('t@1.0.0', { lib: '^1' }), lib]).lockfile).toMatchInlineSnapshot(`
    "lockfileVersion: '9.0'

    settings:
      autoInstallPeers: true
      excludeLinksFromLockfile: false

    importers:

      .:
        dependencies:
          lib:
            specifier: 1.0.0
            version: 1.0.0

    packages:

      lib@1.0.0:
        resolution: {integrity: sha512-lib==}
        engines: {node: '>=20'}
        os: [linux]
        hasBin: true

    snapshots:

      lib@1.0.0: {}
    "
  `);
  expect(codeLock([taskRow('t@1.0.0')]).lockfile).toMatchInlineSnapshot(`
    "lockfileVersion: '9.0'

    settings:
      autoInstallPeers: true
      excludeLinksFromLockfile: false

    importers:

      .: {}
    "
  `);
});
