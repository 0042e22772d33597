/** Handlers as `.pipl` says them: what they may say, and what each of them listens to. */
import { expect, test } from 'vitest';
import { Handlers, listensTo, manifestSchema, type ChangeHandler, type Event } from '../src/index.ts';

const problemsOf = (handlers: unknown): string[] =>
  Handlers.safeParse(handlers).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ??
  [];

test('every kind of handler is said in a line', () => {
  expect(
    problemsOf({
      'alice/stage': [{ kind: 'qa', promoteTo: 'root/PROJ', filter: { kinds: ['task'] }, timeout: 600 }],
      'root/PROJ': [
        { kind: 'process', engines: ['local'] },
        {
          kind: 'command',
          name: 'tell',
          command: ['tell', '{name}@{version}'],
          filter: { ops: ['withdraw'] },
        },
        { kind: 'job', template: './proxies.yaml', parameters: { Name: '{name}' } },
        { kind: 'job', name: 'of-a-packl', template: '@film/hooks/jobs/proxies.yaml' },
        { kind: 'module', module: '@film/hooks/notify#onPublish', options: { room: 4 } },
      ],
    }),
  ).toEqual([]);
});

test('what is wrong is said where it is', () => {
  const one = (handler: object) => problemsOf({ 'alice/stage': [handler] }).join('; ');
  expect(one({ kind: 'qa', promotTo: 'root/PROJ' })).toBe('alice/stage.0: Unrecognized key: "promotTo"');
  expect(one({ kind: 'qa', promoteTo: 'PROJ' })).toBe('alice/stage.0.promoteTo: is not owner/name');
  expect(one({ kind: 'qa', promoteTo: 'alice/stage' })).toBe('alice/stage.0.promoteTo: is the index itself');
  expect(one({ kind: 'qa', filter: { ops: ['withdraw'] } })).toContain('filter.ops.0');
  expect(one({ kind: 'command', command: [] })).toContain('alice/stage.0.command');
  expect(one({ kind: 'command', command: ['tell', '{nam}'] })).toContain('knows {name}, {version}');
  expect(one({ kind: 'command', command: ['tell', '{{name}}'] })).toContain('must not hold {{');
  expect(one({ kind: 'module', module: '@film/hooks' })).toContain('PACKL/SUBPATH#Name');
  expect(one({ kind: 'watch' })).toContain('alice/stage.0.kind');
  for (const template of ['/etc/x.yaml', '../x.yaml', './a/../../x.yaml', '@film/hooks/../x']) {
    expect(one({ kind: 'job', template })).toContain('alice/stage.0.template');
  }
  const twice = { 'alice/stage': [{ kind: 'qa' }, { kind: 'qa', name: 'qa' }] };
  expect(problemsOf(twice)).toEqual([
    'alice/stage.1: there are two handlers "qa": give one of them another "name"',
  ]);
  expect(problemsOf({ stage: [] })).toHaveLength(1);
});

const shot: Event = { op: 'publish', name: '@film/sh010', kind: 'task', type: '@film/pipeline#Comp' };
const hears = (filter: ChangeHandler['filter'], event: Partial<Event> = {}): boolean =>
  listensTo(
    { kind: 'command', command: ['x'], ...(filter === undefined ? {} : { filter }) } as ChangeHandler,
    { ...shot, ...event },
  );

test('a handler hears of versions that come, and of nothing else until it asks', () => {
  for (const op of ['publish', 'overwrite', 'promote'] as const) expect(hears(undefined, { op })).toBe(true);
  for (const op of ['withdraw', 'tag', 'verdict', 'run', 'index'] as const) {
    expect(hears(undefined, { op })).toBe(false);
  }
  expect(hears({ ops: ['withdraw'] }, { op: 'withdraw' })).toBe(true);
  expect(hears({ ops: ['withdraw'] })).toBe(false);
});

test('kinds, types and names all have to fit; globs fit the whole of a text', () => {
  expect(hears({ kinds: ['product', 'task'] })).toBe(true);
  expect(hears({ kinds: ['product'] })).toBe(false);
  expect(hears({ kinds: ['npm'] }, { kind: undefined, type: undefined })).toBe(true);
  expect(hears({ types: ['*#Comp'] })).toBe(true);
  expect(hears({ types: ['*#Com'] })).toBe(false);
  expect(hears({ types: ['*'] }, { type: undefined })).toBe(false);
  expect(hears({ names: ['@film/sh0?0'] })).toBe(true);
  expect(hears({ names: ['film/sh0?0', '@film.sh010'] })).toBe(false);
  expect(hears({ kinds: ['task'], names: ['@other/*'] })).toBe(false);
});

test('the checks of a packl have names that gates can name', () => {
  const isGood = (checks: object) =>
    manifestSchema().safeParse({ name: 'x', version: '1.0.0', pipl: { kind: 'code', checks } }).success;
  expect(isGood({ frames: ['node', 'x.js'], 'looks right': { script: 'look', timeout: 9 } })).toBe(true);
  expect(isGood({ frames: { command: ['node'] } })).toBe(true);
  for (const bad of [
    { '': ['x'] },
    { a: [] },
    { a: 'x' },
    { a: ['{{x}}'] },
    { a: { script: 'x', command: ['y'] } },
  ]) {
    expect(isGood(bad)).toBe(false);
  }
});
