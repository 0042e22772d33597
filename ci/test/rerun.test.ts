/** How runs are named that are to be done again. */
import { expect, test } from 'vitest';
import { sinceOf } from '@pipl/project';
import { parseWhere } from '../src/rerun/where.ts';

const facts = {
  task: '@film/sh010-render',
  type: '@film/pipeline/render#Render',
  index: 'root/PROJ',
  state: 'succeeded',
};

test.each([
  ['', true],
  ['task=@film/sh010-render', true],
  ['task=@film/sh010', false],
  ['task=@film/sh0*', true],
  ['task=@film/sh02*|@film/*-render', true],
  ['task != @film/sh02* and type=*#Render', true],
  ['index=root/PROJ and state!=succeeded|unchanged', false],
  // A dot is a dot.
  ['index=root.PROJ', false],
])('%s', (where, expected) => {
  expect(parseWhere(where)(facts)).toBe(expected);
});

test.each(['task', 'colour=red', 'task~x', 'task='])('%s is no condition', (where) => {
  expect(() => parseWhere(where)).toThrow('is no condition');
});

test('since a change, a time, or so long ago', () => {
  const now = Date.parse('2026-11-23T12:00:00Z');
  expect(sinceOf('418', now)).toEqual({ seq: 418 });
  expect(sinceOf('2h', now)).toEqual({ time: '2026-11-23T10:00:00.000Z' });
  expect(sinceOf('2026-11-22T12:00:00Z', now)).toEqual({ time: '2026-11-22T12:00:00.000Z' });
  expect(() => sinceOf('yesterday', now)).toThrow('is no time');
});
