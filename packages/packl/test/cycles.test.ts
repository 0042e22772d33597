import { expect, test } from 'vitest';
import { findCycle, parseManifest, taskCycle } from '../src/index.ts';
import { productRow, row } from './rows.ts';

const task = (name: string, dependencies: string[], products: string[]) =>
  parseManifest({
    name,
    version: '1.0.0',
    dependencies: Object.fromEntries(dependencies.map((one) => [one, '^1.0.0'])),
    pipl: { kind: 'task', type: 'x#X', products: Object.fromEntries(products.map((one) => [one, one])) },
  });

test('a chain and a diamond are no cycle', () => {
  expect(
    findCycle([
      task('left', ['src'], ['l']),
      task('right', ['src'], ['r']),
      task('tip', ['l', 'r'], ['out']),
    ]),
  ).toBeUndefined();
});

test('a task that reads what it makes', () => {
  expect(findCycle([task('t', ['p'], ['p'])])).toEqual(['t', 'p', 't']);
});

test('a task that reaches itself through others, the shortest way, whatever the ranges', () => {
  const tasks = [
    task('a', ['z'], ['x', 'long']),
    task('b', ['x'], ['z']),
    task('c', ['long'], ['longer']),
    task('d', ['longer'], ['z']),
  ];
  expect(findCycle(tasks)).toEqual(['a', 'x', 'b', 'z', 'a']);
  expect(findCycle(tasks.toReversed())).toEqual(findCycle(tasks));
});

test('through a product that depends on another, through code, and through an undeclared input', () => {
  expect(findCycle([task('t', ['q'], ['p']), productRow('q@1.0.0', { p: '^1' }).manifest])).toEqual([
    't',
    'p',
    'q',
    't',
  ]);
  expect(findCycle([task('t', ['c'], ['p']), row('c@1.0.0', { p: '^1' }).manifest])).toEqual([
    't',
    'p',
    'c',
    't',
  ]);
  const pipl = { kind: 'task', type: 'x#X', inputs: { last: 'p' }, products: { out: 'p' } };
  expect(findCycle([parseManifest({ name: 't', version: '1.0.0', pipl })])).toEqual(['t', 'p', 't']);
});

test('packls that depend on each other without a task are allowed', () => {
  const ring = [row('a@1.0.0', { b: '^1' }).manifest, row('b@1.0.0', { a: '^1' }).manifest];
  expect(findCycle([...ring, task('t', ['a'], ['p'])])).toBeUndefined();
});

test('ten thousand tasks in a row are looked through at once', () => {
  const chain = Array.from({ length: 10_000 }, (_, at) => task(`t${at}`, [`p${at}`], [`p${at + 1}`]));
  expect(findCycle(chain)).toBeUndefined();
});

test('the error prints the way round', () => {
  expect(taskCycle(['t', 'p', 't']).message).toBe('t would feed itself: t → p → t.');
});
