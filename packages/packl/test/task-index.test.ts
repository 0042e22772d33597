/** The index of tasks: small registries one by one; `npm run soak -- index` runs many more. */
import { expect, test } from 'vitest';
import { openLiveView, openTaskIndex } from '../src/index.ts';
import type { Row } from '../src/index.ts';
import { differ } from '../soak/task-index.ts';
import { main, row, taskRow } from './rows.ts';

const registries = 150;

test(`${registries} registries: the index says what the specification says`, { timeout: 120_000 }, () => {
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
