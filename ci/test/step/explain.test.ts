/** `pipl why`: for what ran and for what did not. */
import { expect, test } from 'vitest';
import { explain } from '../../src/step/index.ts';
import { diamond, refusal, studio } from './studio.ts';
import type { Studio } from './studio.ts';

const when = /\d{4}-\d\d-\d\d \d\d:\d\d UTC/g;
const why = (it: Studio, subject: string): string[] =>
  explain(it.world.state, subject).lines.map((line) => {
    const attempts = it
      .runs()
      .reduce(
        (text, { attempt, task }) => text.replaceAll(attempt, `<${task}.${attempt.split('.')[1]}>`),
        line,
      );
    return attempts.replace(when, '<time>');
  });

test('it ran because a change brought an input, made by another task', () => {
  const it = diamond();
  it.product('src', '1.1.0');
  it.makes('left', 'left 2');
  it.makes('right', 'right 1');
  it.makes('tip', 'tip 2');
  expect(why(it, 'left')).toEqual([
    'left ran at <time> (makes l 1.1.0) because change 12 brought src 1.0.0 → 1.1.0.',
  ]);
  expect(why(it, 'tip')).toEqual([
    'tip ran at <time> (makes movie 1.1.0) because change 13 brought l 1.0.0 → 1.1.0, made by left 1.0.0.',
  ]);
  expect(why(it, 'right')).toEqual([
    'right ran at <time> (r stays at 1.0.0: the same content) because change 12 brought src 1.0.0 → 1.1.0.',
  ]);
});

test('a product says which run made it, and why that ran', () => {
  const it = diamond();
  it.product('src', '1.1.0');
  it.makes('left', 'left 2');
  expect(why(it, 'l@1.1.0')[0]).toBe(
    'left ran at <time> (makes l 1.1.0) because change 12 brought src 1.0.0 → 1.1.0.',
  );
  expect(why(it, 'src@1.1.0').join()).not.toContain('makes src');
});

test('a version outside the range woke nobody, and says with what they stay', () => {
  const it = diamond();
  it.product('src', '2.0.0');
  expect(why(it, 'src@2.0.0')).toEqual([
    'left did not run: it asks for src ^1.0.0: 2.0.0 is outside; it stays with 1.0.0.',
    'right did not run: it asks for src ^1.0.0: 2.0.0 is outside; it stays with 1.0.0.',
    '1 other task does not ask for src.',
  ]);
  expect(why(it, '12')).toEqual(['Change 12 woke nobody: no task resolves to anything else by it.']);
});

test('an older, a deprecated and a held version say so', () => {
  const it = studio();
  it.product('src', '1.1.0');
  it.define('arm', { reads: { src: '^1.0.0' }, makes: ['a'] });
  it.product('src', '1.0.5');
  const reason = (version: string) => why(it, `src@${version}`)[0];
  expect(reason('1.0.5')).toBe(
    'arm did not run: it asks for src ^1.0.0: 1.0.5 is not the highest it admits; it stays with 1.1.0.',
  );
  it.tag('src', 'latest', '1.1.0');
  it.product('src', '1.2.0');
  expect(reason('1.2.0')).toBe(
    'arm did not run: it asks for src ^1.0.0: latest holds it at 1.1.0; it stays with 1.1.0.',
  );
  it.deprecate('src', '1.2.0');
  expect(reason('1.2.0')).toBe(
    'arm did not run: it asks for src ^1.0.0: 1.2.0 is deprecated; it stays with 1.1.0.',
  );
});

test('a missing input is named with its range and what there is', () => {
  const it = studio();
  it.product('src', '2.0.0');
  it.define('arm', { reads: { src: '^1.0.0' }, makes: ['a'] });
  expect(why(it, 'arm')).toEqual([
    'arm did not run: arm@1.0.0 asks for src ^1.0.0 and nothing satisfies that: there is 2.0.0.',
  ]);
});

test('a failed ancestor is named with its ticket and reason', () => {
  const it = diamond();
  it.product('src', '1.1.0');
  it.fails('left', 'exit 3');
  it.makes('right', 'right 2');
  expect(why(it, 'tip')[0]).toBe('tip did not run: left failed (ticket <left.1>: exit 3).');
  expect(why(it, 'left')).toEqual([
    'left is not tried again with the same inputs: it failed with them (ticket <left.1>).',
    'left failed at <time> because change 12 brought src 1.0.0 → 1.1.0; ticket <left.1>: exit 3.',
  ]);
});

test('a change tells which runs it set off', () => {
  const it = diamond();
  it.product('src', '1.1.0');
  expect(why(it, '12')).toEqual([
    'Change 12 (publish of src 1.1.0) set off wave w2: 2 runs, open.',
    'left waits for a place to run at <time> (may make l 1.1.0) because change 12 brought src 1.0.0 → 1.1.0.',
    'right waits for a place to run at <time> (may make r 1.1.0) because change 12 brought src 1.0.0 → 1.1.0.',
  ]);
});

test('a run tells its wave and what it read', () => {
  const it = diamond();
  it.product('src', '1.1.0');
  const { attempt } = it.running('left');
  expect(why(it, attempt.slice(0, 8))).toEqual(why(it, attempt));
  expect(why(it, attempt).slice(1)).toEqual([
    '  It is ticket <left.1> of left 1.0.0 in root/PROJ, part of wave w2 (change 12 (publish of src 1.1.0)).',
    '  It reads src 1.1.0 and types 1.0.0.',
    "  The task's run before was ticket <left.1>.",
  ]);
});

test('a change deeper down is told as that', () => {
  const it = studio();
  const code = (name: string, version: string, dependencies = {}) => {
    it.world.release([{ name, version, dependencies, pipl: { kind: 'code' } }]);
    it.world.rest();
  };
  code('deep', '1.0.0');
  code('lib', '1.0.0', { deep: '^1.0.0' });
  it.define('arm', { reads: { lib: '^1.0.0' }, makes: ['a'] });
  it.makes('arm', 'a 1');
  code('deep', '1.1.0');
  it.makes('arm', 'a 2');
  expect(why(it, 'arm')).toEqual([
    'arm ran at <time> (makes a 1.0.1) because change 7 (publish of deep 1.1.0) changed something deeper that it reads.',
  ]);
});

test('older inputs that came back need no run, and it says why', () => {
  const it = diamond();
  it.product('src', '1.1.0');
  it.makes('left', 'left 1');
  it.makes('right', 'right 1');
  it.withdraw('src', '1.1.0');
  expect(why(it, 'left')[0]).toBe(
    'left did not run: ticket <left.1> had the same inputs, and what it made is still current (l 1.0.0).',
  );
});

test('what nobody knows is not found', () => {
  expect(refusal(() => explain(diamond().world.state, 'nobody'))).toMatchObject({
    code: 'PIPL_WHY_UNKNOWN',
    exitStatus: 3,
  });
});
