import { indexName } from '@pipl/packl';
import { expect, test } from 'vitest';
import { type Run, runLine } from '../src/run-lines.ts';
import { bytes, duration } from '../src/sizes.ts';

const plain = { paint: (_style: string, text: string) => text };
const run = (more: Partial<Run>): Run => ({
  attempt: 'a.1',
  runKey: 'a',
  task: '@film/comp',
  taskVersion: '1.0.1',
  index: indexName('root/PROJ'),
  wave: 1,
  cause: { seq: 12, name: '@film/frames', version: '1.0.1' },
  because: [],
  state: 'waiting',
  submittedAt: '2026-01-01T10:00:00.000Z',
  products: [],
  ...more,
});
const at = Date.parse('2026-01-01T10:00:05.000Z');
const words = (line: string) => line.replaceAll(/ {2,}/g, ' ');

test('a run is one line: state, progress, time, and what it says or why it runs', () => {
  const startedAt = '2026-01-01T10:00:02.500Z';
  expect(words(runLine(run({}), at, plain))).toBe('… @film/comp@1.0.1 waiting 5.0 s change 12');
  expect(
    words(runLine(run({ state: 'running', startedAt, progress: 43.2, message: 'frame 1010' }), at, plain)),
  ).toBe('▸ @film/comp@1.0.1 running 43 % 2.5 s frame 1010');
  const endedAt = '2026-01-01T10:00:03.320Z';
  const because = [
    { name: '@film/frames', from: '1.0.0', to: '1.0.1' },
    { name: '@film/new', to: '1.0.0' },
  ];
  expect(words(runLine(run({ state: 'succeeded', startedAt, endedAt, because }), at, plain))).toBe(
    '✓ @film/comp@1.0.1 succeeded 820 ms @film/frames 1.0.0 → 1.0.1',
  );
  const first = run({ state: 'unchanged', startedAt, endedAt, because: because.slice(1) });
  expect(words(runLine(first, at, plain))).toBe('= @film/comp@1.0.1 unchanged 820 ms first run');
  expect(
    words(runLine(run({ state: 'failed', startedAt, endedAt, reason: 'no frames' }), at, plain)),
  ).toContain('no frames');
});

test('amounts are as people read them', () => {
  expect([0, 999, 1000, 31_400_000].map(bytes)).toEqual(['0 bytes', '999 bytes', '1.0 kB', '31 MB']);
  expect([820, 3400, 125_000].map(duration)).toEqual(['820 ms', '3.4 s', '2 min 5 s']);
});
