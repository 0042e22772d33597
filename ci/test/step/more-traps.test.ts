/** The traps that have no case: one packl asked for in two ways, content that came back, shared closures, children. */
import { indexName } from '@pipl/packl';
import { expect, test } from 'vitest';
import { project, taskManifest } from '../../src/step/explorer/world.ts';
import { diamond, refusal, studio } from './studio.ts';

const code = (it: ReturnType<typeof studio>, name: string, version: string, asks: object = {}): void => {
  it.world.release([{ name, version, ...asks, pipl: { kind: 'code' } }]);
  it.world.rest();
};

test.each(['dependency', 'peer'])(
  'asked for as a dependency and as a peer, the %s is given up: the other still wakes the task',
  (givenUp) => {
    const it = studio();
    code(it, 'host', '1.0.0');
    code(it, 'plugin', '1.0.0', { dependencies: { host: '^1.0.0' }, peerDependencies: { host: '^1.0.0' } });
    code(it, 'tool', '1.0.0', { dependencies: { host: '^1.0.0' } });
    it.define('arm', { reads: { tool: '^1.0.0' }, peers: { plugin: '^1.0.0' }, makes: ['a'] });
    it.makes('arm', 'a 1');
    const without =
      givenUp === 'peer'
        ? { reads: { tool: '^1.0.0' } }
        : { reads: { types: '^1.0.0' }, peers: { plugin: '^1.0.0' } };
    it.define('arm', { version: '1.0.1', ...without, makes: ['a'] });
    it.makes('arm', 'a 1');
    it.started();

    code(it, 'host', '1.1.0');

    expect(it.running('arm').lock.pins).toHaveProperty('host@1.1.0');
  },
);

test('content that the task made last, but that downstream would no longer pick, is a new version', () => {
  const it = diamond();
  it.product('l', '1.4.0', 'by hand');
  it.makes('tip', 'tip 2');
  it.product('src', '1.0.1');
  it.makes('left', 'left 1');
  it.makes('right', 'right 1');
  expect(it.versions('l')).toEqual(['1.0.0', '1.4.0', '1.4.1']);
  expect(it.running('tip').lock.direct).toMatchObject({ l: '1.4.1' });
});

test('two tasks share what they read, not the peers that each has it with', () => {
  const it = studio();
  code(it, 'host', '1.0.0');
  code(it, 'plugin', '1.0.0', { peerDependencies: { host: '^1.0.0' } });
  it.define('held', { reads: { plugin: '^1.0.0', host: '1.0.0' }, makes: ['a'] });
  it.define('free', { reads: { plugin: '^1.0.0', host: '^1.0.0' }, makes: ['b'] });
  it.makes('held', 'a 1');
  it.makes('free', 'b 1');
  it.started();

  code(it, 'host', '1.1.0');

  expect(it.started()).toEqual(['free host@1.1.0 plugin@1.0.0']);
  expect(it.status('held')).toEqual({ is: 'clean' });
});

const stage = indexName('ana/stage');
const twoIndexes = {
  indexes: [
    { name: stage, bases: [project] },
    { name: project, bases: [] },
  ],
  handlers: [project, stage],
};

test('a publish into a base is refused when a task of a child would feed itself by it', () => {
  const it = studio(twoIndexes);
  it.product('src', '1.0.0');
  it.world.release([taskManifest('arm', { reads: { src: '^1.0.0' }, makes: ['a'] })], { index: stage });
  it.world.rest();
  const error = refusal(() =>
    it.world.release([taskManifest('back', { reads: { a: '^9.0.0' }, makes: ['src'] })]),
  );
  expect(error).toMatchObject({ code: 'PIPL_TASK_CYCLE' });
  expect(error.message).toContain('arm');
});
