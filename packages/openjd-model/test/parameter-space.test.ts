import { expect, test } from 'vitest';

import { CombinationInvalid, StepParameterSpaceIterator, proposeTaskCount } from '../src/index.ts';
import type { RangeConstraint, StepParameterSpace, TaskParameter, TaskParameterSet } from '../src/index.ts';

const int = (range: string): TaskParameter => ({ type: 'INT', range });
const space = (
  taskParameterDefinitions: Record<string, TaskParameter>,
  combination?: string,
): StepParameterSpace => ({
  taskParameterDefinitions,
  ...(combination === undefined ? {} : { combination }),
});
const show = (tasks: Iterable<TaskParameterSet>) =>
  [...tasks].map((set) =>
    Object.values(set)
      .map(({ value }) => value)
      .join(' '),
  );

test('without a parameter space there is one task without parameters', () => {
  expect([...new StepParameterSpaceIterator({})]).toEqual([{}]);
});

test('without a combination the rightmost parameter moves fastest', () => {
  const tasks = new StepParameterSpaceIterator({ space: space({ A: int('1-2'), B: int('1-3') }) });
  expect(tasks.names).toEqual(['A', 'B']);
  expect(show(tasks)).toEqual(['1 1', '1 2', '1 3', '2 1', '2 2', '2 3']);
});

test('an association walks its parameters together', () => {
  const letters: TaskParameter = { type: 'STRING', range: ['a', 'b', 'c', 'd'] };
  const tasks = new StepParameterSpaceIterator({
    space: space({ A: int('1-2'), B: letters, C: int('1-2'), D: int('8-9') }, 'A * (B, C * D)'),
  });
  expect(show(tasks).slice(0, 5)).toEqual(['1 a 1 8', '1 b 1 9', '1 c 2 8', '1 d 2 9', '2 a 1 8']);
  expect(tasks.length).toBe(8);
});

test('every task is included, and no other', () => {
  const repeated: TaskParameter = { type: 'STRING', range: ['x', 'x', 'y'] };
  const tasks = new StepParameterSpaceIterator({ space: space({ A: int('1-3'), B: repeated }, '(A, B)') });
  for (const set of tasks) expect(tasks.includes(set)).toBe(true);
  expect(tasks.includes({ A: { type: 'INT', value: '2' }, B: { type: 'STRING', value: 'y' } })).toBe(false);
  expect(tasks.includes({ A: { type: 'INT', value: '1' } })).toBe(false);
  expect(tasks.includes({ A: { type: 'STRING', value: '1' }, B: { type: 'STRING', value: 'x' } })).toBe(
    false,
  );
});

test('a space is reached anywhere without walking to it', () => {
  const tasks = new StepParameterSpaceIterator({
    space: space({ A: int('1-1000000'), B: int('1-1000000') }),
  });
  expect(tasks.length).toBe(1e12);
  expect(show([tasks.at(123_456_789_012), tasks.at(-1)])).toEqual(['123457 789013', '1000000 1000000']);
  expect(() => tasks.at(1e12)).toThrow(RangeError);
});

test('a space that cannot be counted is refused', () => {
  const definitions = Object.fromEntries(['A', 'B', 'C'].map((name) => [name, int('1-1000000000')]));
  expect(() => new StepParameterSpaceIterator({ space: space(definitions) })).toThrow(CombinationInvalid);
});

const chunked = (range: string, size: number, rangeConstraint: RangeConstraint) => {
  const chunks = { defaultTaskCount: size, rangeConstraint };
  const tasks = new StepParameterSpaceIterator({
    space: space({ F: { type: 'CHUNK[INT]', range, chunks } }),
  });
  for (const set of tasks) expect(tasks.includes(set)).toBe(true);
  return show(tasks);
};

test('contiguous chunks are even and never cross a gap', () => {
  expect(chunked('1-35', 10, 'CONTIGUOUS')).toEqual(['1-9', '10-18', '19-27', '28-35']);
  expect(chunked('1,3,5-8', 3, 'CONTIGUOUS')).toEqual(['1-1', '3-3', '5-6', '7-8']);
  expect(chunked('1-3,4-7:3', 9, 'CONTIGUOUS')).toEqual(['1-4', '7-7']);
});

test('noncontiguous chunks are range expressions', () => {
  expect(chunked('1,3,5,10-12', 3, 'NONCONTIGUOUS')).toEqual(['1-5:2', '10-12']);
  expect(chunked('1-13', 3, 'NONCONTIGUOUS')).toEqual(['1-3', '4-6', '7,8', '9-11', '12,13']);
});

test('huge chunks are written without expanding them', () => {
  expect(chunked('1-1000000000000', 500_000_000_000, 'NONCONTIGUOUS')).toEqual([
    '1-500000000000',
    '500000000001-1000000000000',
  ]);
});

const adaptive = (range: string, size: number, rangeConstraint: RangeConstraint, more = {}) =>
  new StepParameterSpaceIterator({
    space: space({
      F: {
        type: 'CHUNK[INT]',
        range,
        chunks: { defaultTaskCount: size, targetRuntimeSeconds: 60, rangeConstraint },
      },
      ...more,
    }),
  });

/** The tasks, with the size changed after those that `sizes` names by their position. */
function walk(tasks: StepParameterSpaceIterator, sizes: Record<number, number>): string[] {
  const walked: TaskParameterSet[] = [];
  for (const task of tasks) {
    const size = sizes[walked.push(task) - 1];
    if (size !== undefined) tasks.chunksDefaultTaskCount = size;
  }
  return show(walked);
}

test('adaptive chunks have the size that was set when they are asked for', () => {
  const tasks = adaptive('1-35', 10, 'CONTIGUOUS');
  expect([tasks.isAdaptive, tasks.chunksParameterName, tasks.chunksDefaultTaskCount]).toEqual([
    true,
    'F',
    10,
  ]);
  expect(walk(tasks, { 0: 4, 1: 7 })).toEqual(['1-10', '11-14', '15-21', '22-28', '29-35']);
  expect(walk(adaptive('1-3,5,7-20', 4, 'NONCONTIGUOUS'), { 0: 5 })).toEqual([
    '1-3,5',
    '7-11',
    '12-16',
    '17-20',
  ]);
  expect(walk(adaptive('1-3,4,9-13:2', 9, 'CONTIGUOUS'), {})).toEqual(['1-4', '9-9', '11-11', '13-13']);
});

test('adaptive chunks go fastest, wherever they stand', () => {
  const tasks = adaptive('1-5', 2, 'CONTIGUOUS', { B: int('7-8') });
  const task = (chunk: string, value: string) => ({
    F: { type: 'CHUNK[INT]', value: chunk },
    B: { type: 'INT', value },
  });
  expect([...tasks]).toEqual([
    task('1-2', '7'),
    task('3-4', '7'),
    task('5-5', '7'),
    task('1-2', '8'),
    task('3-4', '8'),
    task('5-5', '8'),
  ]);
});

test('adaptive chunks cost nothing before they are asked for', () => {
  const [first] = adaptive('1-1000000000001:2', 9, 'CONTIGUOUS');
  expect(first?.['F']?.value).toBe('1-1');
});

test('a size that is none, or of chunks that are fixed, is refused', () => {
  const tasks = adaptive('1-5', 2, 'CONTIGUOUS');
  expect(() => (tasks.chunksDefaultTaskCount = 0)).toThrow(RangeError);
  const fixed = new StepParameterSpaceIterator({ space: space({ A: int('1-2') }) });
  expect(fixed.chunksDefaultTaskCount).toBeUndefined();
  expect(() => (fixed.chunksDefaultTaskCount = 3)).toThrow(RangeError);
});

test.each([
  ['nothing measured', { size: 5, tasks: 0, seconds: 0, targetSeconds: 60 }, 5],
  ['no target', { size: 5, tasks: 50, seconds: 9, targetSeconds: 0 }, 5],
  ['many tasks decide at once', { size: 5, tasks: 50, seconds: 100, targetSeconds: 60 }, 30],
  ['few tasks only lead towards more', { size: 5, tasks: 5, seconds: 10, targetSeconds: 60 }, 11],
  ['slow tasks shrink at once', { size: 8, tasks: 2, seconds: 60, targetSeconds: 60 }, 2],
  ['never less than one', { size: 8, tasks: 2, seconds: 6000, targetSeconds: 60 }, 1],
])('the next size of a chunk: %s', (_what, measured, expected) => {
  expect(proposeTaskCount(measured)).toBe(expected);
});
