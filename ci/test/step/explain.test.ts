/** `pipl why`: for what ran and for what did not. */
import { expect, test } from 'vitest';
import { productManifest } from '../../src/step/explorer/world.ts';
import { explain, type Question } from '../../src/step/index.ts';
import { diamond, refusal, studio } from './studio.ts';
import type { Studio } from './studio.ts';

const when = /\d{4}-\d\d-\d\d \d\d:\d\d UTC/g;
const why = (it: Studio, subject: string, question: Question = {}): string[] =>
  explain(it.world.state, subject, question).lines.map((line) => {
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

test('a change says who it passed by, once its wave is over', () => {
  const it = studio();
  it.product('src', '1.0.0');
  it.define('arm', { reads: { src: '^1.0.0' }, makes: ['a'] });
  it.makes('arm', 'a 1');
  it.define('other', { reads: {}, makes: ['o'] });
  it.makes('other', 'o 1');
  it.product('src', '1.1.0');
  expect(why(it, '9')).not.toContain('other did not run: nothing it resolves changed.');
  it.makes('arm', 'a 2');
  expect(why(it, '9').at(-1)).toBe('other did not run: nothing it resolves changed.');
});

test('a promoted version says so, with what its gate asks for; so does what was made from it', () => {
  const it = diamond();
  const gateOf = () => 'checks and approval';
  const { name, version, manifest } = {
    name: 'src',
    version: '1.1.0',
    manifest: productManifest('src', '1.1.0', 'x'),
  };
  const row = { index: it.world.handlers[0]!, name, version, integrity: 'sha512-x', manifest };
  it.world.rows.set(`${row.index} src@1.1.0`, row);
  it.world.note({ op: 'promote', name, version });
  it.world.rest();
  expect(why(it, 'left', { gateOf })[0]).toBe(
    'left waits for a place to run at <time> (may make l 1.1.0) because change 12 brought src 1.0.0 → 1.1.0, promoted in change 12 after checks and approval.',
  );
  it.define('left', { version: '1.0.1', reads: { src: '^1.0.0' }, makes: ['l'] });
  it.makes('left', 'left 2');
  expect(why(it, 'l@1.1.0')[0]).not.toContain('promoted in change 13');
});

test('a run that was lost, cancelled, or overtaken says what came instead; a good one who ran because of it', () => {
  const it = diamond();
  it.product('src', '1.1.0');
  const lost = it.running('left').attempt;
  it.isLost('left');
  expect(why(it, lost)).toContain(
    '  The task was tried again on the same inputs: ticket <left.2> (waiting).',
  );
  it.product('src', '1.2.0');
  const stale = it.running('left').attempt;
  expect(why(it, stale)).toContain(
    '  What it reads changed since it was submitted: the task runs once more after it.',
  );
  it.withdraw('src', '1.1.0');
  expect(why(it, stale)[0]).toContain('left was cancelled at <time>');
  expect(why(it, stale)[0]).toContain('src@1.1.0 was withdrawn');
  expect(why(it, stale).at(-1)).toMatch(/^ {2}The task was tried again on other inputs: ticket /);
  it.makes('left', 'left 3');
  it.makes('right', 'right 1');
  const made = it
    .runs()
    .find(({ task, outcome }) => task === 'left' && outcome?.published[0]?.version === '1.1.0');
  expect(why(it, made!.attempt).at(-1)).toBe('  What it made woke tip (ticket <tip.1>).');
  it.fails('tip');
  const tip = it.runs().findLast(({ task }) => task === 'tip')!.attempt;
  expect(why(it, tip).at(-1)).toBe(
    '  The task is not tried again with these inputs until somebody asks for it.',
  );
  expect(why(it, made!.attempt, { resumed: lost })).toContain(
    '  Its actions did not run: it published what ticket <left.1> had made.',
  );
});

test('a task and an input: with which version it is, since when, and why with no other', () => {
  const it = diamond();
  it.product('src', '2.0.0');
  it.product('src', '1.1.0');
  it.makes('left', 'left 2');
  it.makes('right', 'right 1');
  it.deprecate('src', '1.1.0');
  expect(why(it, 'left', { about: 'src' })).toEqual([
    'left asks for src ^1.0.0 and reads 1.0.0.',
    '  left waits for a place to run at <time> (may make l 1.2.0) because change 17 (deprecation of src 1.1.0) brought src 1.1.0 → 1.0.0.',
    '  Not another: 2.0.0 is outside.',
    '  Not another: 1.1.0 is deprecated.',
  ]);
  expect(why(it, 'left', { about: 'movie' })).toEqual([
    'left does not ask for movie, nor does anything that it reads.',
  ]);
  expect(refusal(() => explain(it.world.state, 'src', { about: 'left' })).code).toBe('PIPL_WHY_ABOUT');
});

test('a task and a change: that it ran, or what kept it', () => {
  const it = diamond();
  it.product('src', '2.0.0');
  it.product('src', '1.1.0');
  const about = (seq: number) => ({ about: it.world.feed[seq - 1]! });
  expect(why(it, 'left', about(12))).toEqual([
    'left did not run after change 12 (publish of src 2.0.0): it asks for src ^1.0.0: 2.0.0 is outside; it stays with 1.1.0.',
  ]);
  expect(why(it, 'left', about(13))[0]).toContain('because change 13 brought src 1.0.0 → 1.1.0.');
  expect(why(it, 'tip', about(13))).toEqual([
    'tip did not run after change 13 (publish of src 1.1.0): it does not ask for src, nor does anything that it reads.',
  ]);
  it.makes('left', 'left 2');
  expect(why(it, 'tip', about(14))).toEqual([
    'tip did not run after change 14 (publish of l 1.1.0) alone: the change altered what it resolves. tip waits for right; woken by change 14 (publish of l 1.1.0).',
  ]);
});

test('what nobody knows is not found', () => {
  expect(refusal(() => explain(diamond().world.state, 'nobody'))).toMatchObject({
    code: 'PIPL_WHY_UNKNOWN',
    exitStatus: 3,
  });
});
