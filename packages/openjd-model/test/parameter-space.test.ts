import { expect, test } from 'vitest';

import { CombinationInvalid, StepParameterSpaceIterator } from '../src/index.ts';
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
