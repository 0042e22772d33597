import { expect, test } from 'vitest';
import { inputsOf, parseManifest, pipeName, resolveTask } from '../src/index.ts';
import type { Row, RunLock } from '../src/index.ts';
import { peers, productRow, row, taskRow, thirdParty, view } from './rows.ts';

const locked = (rows: readonly Row[], tags = {}): RunLock => {
  const task = rows.find(({ manifest }) => manifest.pipl?.kind === 'task')!;
  const resolution = resolveTask(view(rows, tags), task);
  if (!resolution.ok) throw new Error(JSON.stringify(resolution.missing));
  return resolution.lock;
};
const missing = (rows: readonly Row[]) => {
  const resolution = resolveTask(view(rows), rows[0]!);
  return resolution.ok ? [] : resolution.missing.map(({ name, range, from }) => `${from}: ${name} ${range}`);
};

test('each edge is picked by itself: a sibling does not draw it to another version', () => {
  const { nodes } = locked([
    taskRow('t@1.0.0', { a: '^1', b: '1.0.0' }),
    row('a@1.0.0', { b: '^1' }),
    row('b@1.0.0'),
    row('b@1.2.0'),
  ]);
  expect(nodes['t@1.0.0']?.dependencies).toEqual({ a: '1.0.0', b: '1.0.0' });
  expect(nodes['a@1.0.0']?.dependencies).toEqual({ b: '1.2.0' });
});

test('packls that depend on each other in a ring are resolved', () => {
  const { nodes } = locked([
    taskRow('t@1.0.0', { a: '^1' }),
    row('a@1.0.0', { b: '^1' }),
    row('b@1.0.0', { a: '^1' }),
  ]);
  expect(Object.keys(nodes)).toEqual(['a@1.0.0', 'b@1.0.0', 't@1.0.0']);
});

test('groups and devDependencies are not asked for', () => {
  const task = taskRow(
    't@1.0.0',
    {},
    {
      manifest: {
        devDependencies: { a: '^1' },
        pipl: { kind: 'task', type: 'a#A', products: {}, groups: { edit: { a: '^9' } } },
      },
    },
  );
  expect(locked([task, row('a@1.0.0')]).direct).toEqual({});
});

test('an optional dependency that the view cannot satisfy is left out', () => {
  const optional = { manifest: { optionalDependencies: { a: '^2', b: '^1' } } };
  const rows = [
    taskRow('t@1.0.0', {}, { manifest: { ...taskRow('t@1.0.0').manifest, ...optional.manifest } }),
  ];
  expect(locked([...rows, row('a@1.0.0'), row('b@1.0.0')]).direct).toEqual({ b: '1.0.0' });
});

test('one instance of a peer, admitted by every range that asks', () => {
  const { nodes } = locked([
    taskRow('t@1.0.0', { a: '^1', b: '^1' }),
    row('a@1.0.0', {}, peers({ p: '^1' })),
    row('b@1.0.0', {}, peers({ p: '<1.2.0' })),
    row('p@1.0.0'),
    row('p@1.1.0'),
    row('p@1.2.0'),
  ]);
  expect(nodes['a@1.0.0']?.dependencies).toEqual({ p: '1.1.0' });
  expect(nodes['b@1.0.0']?.dependencies).toEqual({ p: '1.1.0' });
  expect(nodes['t@1.0.0']?.dependencies).toEqual({ a: '1.0.0', b: '1.0.0' });
});

test('the own dependency of the task on a peer asks too, and is the same instance', () => {
  const { nodes, direct } = locked([
    taskRow('t@1.0.0', { a: '^1', p: '1.0.0' }),
    row('a@1.0.0', {}, peers({ p: '^1' })),
    row('p@1.0.0'),
    row('p@1.1.0'),
  ]);
  expect(nodes['a@1.0.0']?.dependencies).toEqual({ p: '1.0.0' });
  expect(direct['p']).toBe('1.0.0');
});

test('the private dependency of a cousin neither asks nor is shared', () => {
  const { nodes } = locked([
    taskRow('t@1.0.0', { a: '^1', b: '^1' }),
    row('a@1.0.0', {}, peers({ p: '^1' })),
    row('b@1.0.0', { p: '1.0.0' }),
    row('p@1.0.0'),
    row('p@1.1.0'),
  ]);
  expect(nodes['a@1.0.0']?.dependencies).toEqual({ p: '1.1.0' });
  expect(nodes['b@1.0.0']?.dependencies).toEqual({ p: '1.0.0' });
});

test('peers that cannot agree block the task and name everyone who asked', () => {
  const rows = [
    taskRow('t@1.0.0', { a: '^1', b: '^1' }),
    row('a@1.0.0', {}, peers({ p: '^1' })),
    row('b@1.0.0', {}, peers({ p: '^2' })),
    row('p@1.0.0'),
    row('p@2.0.0'),
  ];
  expect(missing(rows)).toEqual(['a@1.0.0: p ^1', 'b@1.0.0: p ^2']);
});

test('when peers cannot agree nobody falls back to a pick of its own', () => {
  const rows = [
    taskRow('t@1.0.0', { a: '^1', p: '^1' }),
    row('a@1.0.0', { p: '^1' }, peers({ p: '^2' })),
    row('p@1.0.0'),
    row('p@2.0.0'),
  ];
  expect(missing(rows)).toEqual(['a@1.0.0: p ^1', 't@1.0.0: p ^1', 'a@1.0.0: p ^2']);
});

test('an optional peer that nobody requires is left out; required by another, its range counts', () => {
  const lonely = [
    taskRow('t@1.0.0', { a: '^1' }),
    row('a@1.0.0', {}, peers({ p: '<1.1.0' }, ['p'])),
    row('p@1.0.0'),
    row('p@1.1.0'),
  ];
  expect(Object.keys(locked(lonely).nodes)).toEqual(['a@1.0.0', 't@1.0.0']);
  const [task, ...rest] = lonely;
  const asked = [{ ...task!, manifest: { ...task!.manifest, peerDependencies: { p: '^1' } } }, ...rest];
  expect(locked(asked).nodes['a@1.0.0']?.dependencies).toEqual({ p: '1.0.0' });
  expect(locked(asked).direct).toEqual({ a: '1.0.0', p: '1.0.0' });
});

test('a peer may bring further peers, found in rounds', () => {
  const { nodes } = locked([
    taskRow('t@1.0.0', { a: '^1' }),
    row('a@1.0.0', {}, peers({ p: '^1' })),
    row('p@1.0.0', {}, peers({ q: '^1' })),
    row('q@1.0.0', { r: '^1' }),
    row('r@1.0.0', {}, peers({ p: '<2' })),
  ]);
  expect(nodes['p@1.0.0']?.dependencies).toEqual({ q: '1.0.0' });
  expect(nodes['r@1.0.0']?.dependencies).toEqual({ p: '1.0.0' });
});

test('a peer asked for in an early round still decides when who asked is gone', () => {
  // Round 1 picks p 1.1.0, which brings q and with it p <1.1.0; p 1.0.0 does not bring q, but the ask stays.
  const { nodes } = locked([
    taskRow('t@1.0.0', { a: '^1' }),
    row('a@1.0.0', {}, peers({ p: '^1' })),
    row('p@1.0.0'),
    row('p@1.1.0', { q: '^1' }),
    row('q@1.0.0', {}, peers({ p: '<1.1.0' })),
  ]);
  expect(Object.keys(nodes)).toEqual(['a@1.0.0', 'p@1.0.0', 't@1.0.0']);
});

test('every task gets @pipl/pipe where the view has it, at the version its closure agrees on', () => {
  const pipes = [row(`${pipeName}@1.0.0`), row(`${pipeName}@1.1.0`), row(`${pipeName}@2.0.0`)];
  expect(locked([taskRow('t@1.0.0'), ...pipes]).direct).toEqual({ [pipeName]: '2.0.0' });
  const code = row('a@1.0.0', {}, peers({ [pipeName]: '^1.0.0' }));
  expect(locked([taskRow('t@1.0.0', { a: '^1' }), code, ...pipes]).direct[pipeName]).toBe('1.1.0');
  expect(locked([taskRow('t@1.0.0', { [pipeName]: '1.0.0' }), ...pipes]).direct[pipeName]).toBe('1.0.0');
});

test('what is missing says who asked', () => {
  const rows = [
    taskRow('t@1.0.0', { a: '^1', b: '^2' }),
    row('a@1.0.0', { c: '^1', left: '^1' }),
    row('b@1.0.0'),
    row('c@2.0.0'),
  ];
  expect(missing(rows)).toEqual(['t@1.0.0: b ^2', 'a@1.0.0: c ^1', 'a@1.0.0: left ^1']);
});

test('a name that the view has is never third party, even with every version withdrawn', () => {
  const lock = thirdParty({ a: 'a@1.0.0' }, { 'a@1.0.0': {} });
  const task = taskRow('t@1.0.0', { a: '^1' }, { thirdParty: lock });
  expect(missing([task])).toEqual([]);
  expect(missing([task, row('a@1.0.0', {}, { withdrawn: true })])).toEqual(['t@1.0.0: a ^1']);
});

test('a third-party lock with holes blocks the task', () => {
  const lock = thirdParty({ a: 'a@1.0.0' }, { 'a@1.0.0': { dependencies: { b: '2.0.0' } } });
  expect(missing([taskRow('t@1.0.0', { a: '^1' }, { thirdParty: lock })])).toEqual(['t@1.0.0: b 2.0.0']);
});

test('a third-party package without its snapshot or its integrity is a hole too', () => {
  const whole = thirdParty({ a: 'a@1.0.0' }, { 'a@1.0.0': {} });
  const from = (thirdPartyLock: typeof whole) =>
    missing([taskRow('t@1.0.0', { a: '^1' }, { thirdParty: thirdPartyLock })]);
  expect(from(whole)).toEqual([]);
  expect(from({ ...whole, snapshots: {} })).toEqual(['t@1.0.0: a 1.0.0']);
  expect(from({ ...whole, packages: {} })).toEqual(['t@1.0.0: a 1.0.0']);
});

test('an input that is no dependency is missing', () => {
  const pipl = { kind: 'task', type: 'x#X', inputs: { model: 'm' }, products: {} };
  expect(missing([taskRow('t@1.0.0', {}, { manifest: { pipl } }), productRow('m@1.0.0')])).toEqual([
    't@1.0.0: m ',
  ]);
});

test('inputs come pinned, in the order of their slots', () => {
  const pipl = { kind: 'task', type: 'x#X', inputs: { model: 'm', shots: ['s2', 's1'] }, products: {} };
  const task = taskRow('t@1.0.0', { m: '^1', s1: '^1', s2: '^1' }, { manifest: { pipl } });
  const lock = locked([task, productRow('m@1.0.0'), productRow('s1@1.0.0'), productRow('s2@1.3.0')]);
  expect(inputsOf(task, lock).map(({ slot, name, version }) => [slot, `${name}@${version}`])).toEqual([
    ['model', 'm@1.0.0'],
    ['shots', 's2@1.3.0'],
    ['shots', 's1@1.0.0'],
  ]);
  expect(inputsOf(task, lock)[0]?.integrity).toBe(productRow('m@1.0.0').integrity);
});

test('the hash is over versions, integrities and edges, not over what leads to the same', () => {
  const rows = [taskRow('t@1.0.0', { a: '^1' }), row('a@1.0.0', { b: '^1' }), row('b@1.0.0')];
  const { hash } = locked(rows);
  expect(hash).toMatch(/^[0-9a-f]{32}$/);
  expect(locked([...rows, row('b@2.0.0'), row('z@1.0.0')]).hash).toBe(hash);
  expect(locked(rows, { 'b:latest': '1.0.0' }).hash).toBe(hash);
  expect(locked([rows[0]!, rows[1]!, { ...rows[2]!, deprecated: 'old' }]).hash).toBe(hash);
  expect(locked([...rows, row('b@1.0.1')]).hash).not.toBe(hash);
  expect(locked([rows[0]!, rows[1]!, { ...rows[2]!, integrity: 'sha512-other' }]).hash).not.toBe(hash);
});

test('a third-party name that the view comes to own changes the hash', () => {
  const lock = thirdParty({ a: 'a@1.0.0' }, { 'a@1.0.0': {} });
  const manifest = { ...taskRow('t@1.0.0').manifest, optionalDependencies: { a: '^1' } };
  const task = taskRow('t@1.0.0', {}, { thirdParty: lock, manifest: parseManifest(manifest) });
  expect(locked([task]).codeLock.dependencies).toEqual({ a: '1.0.0' });
  expect(locked([task, row('a@9.0.0')]).codeLock.dependencies).toEqual({});
  expect(locked([task, row('a@9.0.0')]).hash).not.toBe(locked([task]).hash);
});
