/** The index of tasks: small registries one by one; `npm run soak -- index` runs many more. */
import { expect, test } from 'vitest';
import { openLiveView, openTaskIndex, resolveTask } from '../src/index.ts';
import type { Row } from '../src/index.ts';
import { differ } from '../soak/task-index.ts';
import { main, peers, row, taskRow, thirdParty } from './rows.ts';

const registries = 150;

test(`${registries} registries: the index says what the specification says`, { timeout: 540_000 }, () => {
  const all = Array.from({ length: registries }, (_none, at) => differ(at + 1));
  const sum = (word: 'decisions' | 'woken') => all.reduce((total, one) => total + one[word], 0);
  expect(all.flatMap(({ wrong }) => wrong).slice(0, 3)).toEqual([]);
  expect(sum('decisions')).toBeGreaterThan(registries * 60);
  expect(sum('woken')).toBeGreaterThan(sum('decisions') / 50);
});

/** A live view of one index, its index of tasks, and a publish that is told. */
function studio(...rows: Row[]) {
  const view = openLiveView(main, [{ name: main, bases: [] }]);
  for (const one of rows) view.put(one);
  const index = openTaskIndex(view);
  return {
    put(one: Row, how?: 'published') {
      view.put(one);
      return [...index.changed(one.name, how === undefined ? undefined : one)];
    },
    remove(...gone: Row[]) {
      for (const one of gone) view.remove(one);
      return [...index.changedAll(new Set(gone.map(({ name }) => name)))];
    },
    isAsSpecified(name: string) {
      const [told, specified] = [index.resolve(name)!, resolveTask(view, index.task(name)!)];
      return told.ok && specified.ok && told.lock.hash === specified.lock.hash && !index.isMissing(name);
    },
  };
}

test('a dependency that moves to a version which others have already wakes the task', () => {
  const old = row('x@1.1.0', {}, { deprecated: 'old' });
  const { put } = studio(
    taskRow('t@1.0.0', { a: '1.0.0', b: '1.0.0', c: '1.0.0' }),
    row('a@1.0.0', { x: '^1' }),
    row('b@1.0.0', { x: '1.0.0' }),
    row('c@1.0.0', { x: '1.1.0' }),
    row('x@1.0.0'),
    old,
  );
  const { deprecated: _, ...renewed } = old;
  expect(put(renewed)).toEqual(['t']);
  expect(put({ ...renewed, deprecated: 'again' })).toEqual(['t']);
  expect(put({ ...renewed, deprecated: 'still' })).toEqual([]);
});

test('what a task misses is told of again when there is more of it', () => {
  const { put } = studio(taskRow('t@1.0.0', { x: '^2' }), row('x@1.0.0'));
  expect(put(row('x@1.1.0'))).toEqual(['t']);
  expect(put(row('y@1.0.0'))).toEqual([]);
});

test('a publish that a range refuses can still move `latest` away from it', () => {
  const asks = { dependencies: { d: 'latest' }, peerDependencies: { d: '^1' } };
  const { put } = studio(taskRow('t@1.0.0', {}, { manifest: asks }), row('d@1.1.0'));
  expect(put(row('d@2.0.0'), 'published')).toEqual(['t']);
});

test('a ring of dependencies is the same ring after something else changed', () => {
  const ring = [row('a@1.0.0', { b: '^1' }), row('b@1.0.0', { a: '^1' })];
  const { put } = studio(taskRow('t@1.0.0', { a: '^1' }), ...ring);
  for (const one of ring) expect(put({ ...one, deprecated: 'old' })).toEqual([]);
  expect(put(row('b@1.1.0', { a: '^1' }))).toEqual(['t']);
});

test('a name that was published for a moment only is third party again, for packls and for peers', () => {
  const lock = thirdParty({ left: '9.0.0' }, { 'left@9.0.0': {} });
  const asPeer = peers({ left: '^9' }, [], { thirdParty: lock });
  for (const [asks, options] of [
    [{ left: '^9' }, { thirdParty: lock }],
    [{}, asPeer],
  ] as const) {
    const { put, remove, isAsSpecified } = studio(
      taskRow('t@1.0.0', { a: '^1', left: '^9' }, { thirdParty: lock }),
      row('a@1.0.0', asks, options),
    );
    expect(isAsSpecified('t')).toBe(true);
    const ours = row('left@9.1.0');
    expect(put(ours, 'published')).toEqual(['t']);
    expect(isAsSpecified('t')).toBe(true);
    expect(remove(ours)).toEqual(['t']);
    expect(isAsSpecified('t')).toBe(true);
  }
});

test('several names that go at once wake whoever reads them once', () => {
  const { put, remove } = studio(taskRow('t@1.0.0', { a: '^1', b: '^1' }), row('a@1.0.0'), row('b@1.0.0'));
  const [a, b] = [row('a@1.1.0'), row('b@1.1.0')];
  expect(put(a, 'published')).toEqual(['t']);
  expect(put(b, 'published')).toEqual(['t']);
  expect(remove(b, a)).toEqual(['t']);
  expect(remove(b, a)).toEqual([]);
});
