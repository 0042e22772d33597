/** The traps that others fell into, and what the machinery must survive. */
import { indexName } from '@pipl/packl';
import { expect, test } from 'vitest';
import { productManifest, project, taskManifest } from '../../src/step/explorer/world.ts';
import { diamond, studio } from './studio.ts';

test('a feeder outside one range may be inside another: each edge is asked', () => {
  const it = studio();
  it.product('src', '1.0.0');
  it.define('maker', { reads: { src: '^1.0.0' }, makes: ['m'] });
  it.makes('maker', 'm 1');
  it.define('middle', { reads: { m: '^1.0.0', extra: '^1.0.0' }, makes: ['n'] });
  it.product('extra', '1.0.0');
  it.makes('middle', 'n 1');
  it.define('tip', { reads: { m: '1.0.0', n: '^1.0.0', late: '^1.0.0' }, makes: ['movie'] });
  it.product('src', '1.1.0');
  it.started();
  it.product('late', '1.0.0');
  expect(it.status('tip')).toEqual({ is: 'waiting', for: ['maker'] });
  it.makes('maker', 'm 2');
  it.makes('middle', 'n 2');
  expect(it.started()).toEqual(['middle extra@1.0.0 m@1.1.0', 'tip late@1.0.0 m@1.0.0 n@1.1.0']);
});

test('a clean task under a failed one still blocks what is below', () => {
  const it = studio();
  it.product('src', '1.0.0');
  it.define('first', { reads: { src: '^1.0.0' }, makes: ['a'] });
  it.makes('first', 'a 1');
  it.define('second', { reads: { a: '^1.0.0' }, makes: ['b'] });
  it.makes('second', 'b 1');
  it.product('src', '1.1.0');
  it.fails('first');
  expect(it.status('second')).toEqual({ is: 'clean' });
  it.started();
  it.define('third', { reads: { b: '^1.0.0' }, makes: ['c'] });
  expect(it.started()).toEqual([]);
  expect(it.status('third')).toMatchObject({ is: 'blocked', by: [{ is: 'failed', task: 'first' }] });
});

test('* that fell back to a prerelease follows a lower stable version', () => {
  const it = studio();
  it.product('src', '2.0.0-beta.1');
  it.define('arm', { reads: { src: '*' }, makes: ['a'] });
  it.makes('arm', 'a 1');
  it.started();
  it.product('src', '1.0.0');
  expect(it.started()).toEqual(['arm src@1.0.0']);
});

test('a deprecated pick is replaced from below', () => {
  const it = studio();
  it.product('src', '1.1.0');
  it.define('arm', { reads: { src: '^1.0.0' }, makes: ['a'] });
  it.makes('arm', 'a 1');
  it.deprecate('src', '1.1.0');
  it.started();
  it.product('src', '1.0.0');
  expect(it.started()).toEqual(['arm src@1.0.0']);
});

test('a peer of something read wakes the task, also when two ask for it', () => {
  const it = studio();
  const code = (name: string, version: string, asks = {}) => {
    it.world.release([{ name, version, ...asks, pipl: { kind: 'code' } }]);
    it.world.rest();
  };
  code('host', '1.0.0');
  code('plugin', '1.0.0', { dependencies: {}, peerDependencies: { host: '^1.0.0' } });
  it.define('arm', { reads: {}, peers: { plugin: '^1.0.0' }, makes: ['a'] });
  it.makes('arm', 'a 1');
  it.started();
  code('host', '1.1.0');
  expect(it.running('arm').lock.pins).toHaveProperty('host@1.1.0');
});

test('a tag may precede its version; moving it, and undeprecating, are changes', () => {
  const it = studio();
  it.product('src', '1.0.0');
  it.define('arm', { reads: { src: '^1.0.0' }, makes: ['a'] });
  it.makes('arm', 'a 1');
  it.started();
  it.tag('src', 'latest', '1.1.0');
  expect(it.started()).toEqual([]);
  it.product('src', '1.1.0');
  expect(it.started()).toEqual(['arm src@1.1.0']);
  it.makes('arm', 'a 2');
  it.tag('src', 'latest', '1.0.0');
  expect(it.started()).toEqual(['arm src@1.0.0']);
  it.makes('arm', 'a 1');
  it.deprecate('src', '1.0.0');
  expect(it.started()).toEqual(['arm src@1.1.0']);
  it.makes('arm', 'a 2');
  it.undeprecate('src', '1.0.0');
  expect(it.started()).toEqual(['arm src@1.0.0']);
});

const stage = indexName('ana/stage');
const twoIndexes = {
  indexes: [
    { name: stage, bases: [project] },
    { name: project, bases: [] },
  ],
  handlers: [project, stage],
};

test('an inherited task runs in a child only when it reads something else there; bytes may change under one version', () => {
  const it = studio(twoIndexes);
  it.product('src', '1.0.0');
  it.define('arm', { reads: { src: '^1.0.0' }, makes: ['a'] });
  it.makes('arm', 'a 1');
  expect(it.started()).toEqual(['arm src@1.0.0']);
  expect(it.task('arm', stage).status).toEqual({ is: 'inherited', from: project });
  it.world.release([productManifest('src', '1.0.0', 'shadowed')], { index: stage });
  it.world.rest();
  expect(it.started()).toEqual(['arm src@1.0.0']);
  expect(it.running('arm').index).toBe(stage);
  it.makes('arm', 'a 2');
  expect(it.world.rows.has(`${stage} a@1.0.1`)).toBe(true);
  expect(it.task('arm', project).status).toEqual({ is: 'clean' });
});

test('below an inherited task, the child waits for the base', () => {
  const it = studio(twoIndexes);
  it.product('src', '1.0.0');
  it.define('arm', { reads: { src: '^1.0.0' }, makes: ['a'] });
  it.world.release([taskManifest('tip', { reads: { a: '^1.0.0', src: '^1.0.0' }, makes: ['movie'] })], {
    index: stage,
  });
  it.world.rest();
  it.makes('arm', 'a 1');
  it.makes('tip', 'movie 1');
  it.started();
  it.product('src', '1.1.0');
  expect(it.started()).toEqual(['arm src@1.1.0']);
  expect(it.task('tip', stage).status).toEqual({ is: 'waiting', for: ['arm'] });
});

test('a chain whose head never rests does not starve its end: the fourth start cuts the wave', () => {
  const it = studio();
  it.product('src', '1.0.0');
  it.define('first', { reads: { src: '^1.0.0' }, makes: ['a'] });
  it.define('second', { reads: { a: '^1.0.0' }, makes: ['b'] });
  it.define('third', { reads: { b: '^1.0.0' }, makes: ['c'] });
  it.makes('first', 'a 0');
  let laps = 0;
  for (; laps < 10 && !it.started().some((run) => run.startsWith('third')); laps += 1) {
    it.product('src', `1.${laps + 1}.0`);
    it.makes('second', `b ${laps}`);
    if (it.task('first').attempt !== undefined) it.makes('first', `a ${laps + 1}`);
  }
  expect(laps).toBeLessThan(6);
});

test('a task that failed may try again as often as its policy says', () => {
  const it = studio();
  it.product('src', '1.0.0');
  it.define('arm', { reads: { src: '^1.0.0' }, makes: ['a'], retries: 2 });
  it.fails('arm');
  it.fails('arm');
  it.fails('arm');
  expect(it.started()).toHaveLength(3);
  expect(it.status('arm')).toMatchObject({ is: 'failed' });
});

test('work that the machinery loses is tried five times, later and later, then waits for somebody', () => {
  const it = studio();
  it.product('src', '1.0.0');
  it.define('arm', { reads: { src: '^1.0.0' }, makes: ['a'] });
  it.isLost('arm');
  expect(it.started()).toHaveLength(2);
  for (const wait of [3, 9, 33]) {
    it.isLost('arm');
    expect(it.started()).toEqual([]);
    expect(it.status('arm').is).toBe('backing-off');
    it.later(wait);
    expect(it.started()).toHaveLength(1);
  }
  it.isLost('arm');
  expect(it.status('arm')).toMatchObject({ is: 'failed' });
  expect(it.waves().at(-1)!.state).toBe('closed');
  it.retry('arm');
  expect(it.started()).toHaveLength(1);
});

test('somebody publishes a version while a retry reserves it: the run is stopped and starts with another', () => {
  const it = studio();
  it.product('src', '1.0.0');
  it.define('arm', { reads: { src: '^1.0.0' }, makes: ['a'] });
  it.fails('arm');
  const { world } = it;
  world.release([productManifest('a', '1.0.0', 'by hand')]);
  world.take({ is: 'retry', task: 'arm', at: world.now() });
  const { attempt } = it.running('arm');
  world.rest();
  expect(world.state.records.runs.get(attempt)).toMatchObject({
    state: 'canceled',
    reason: 'a@1.0.0 was published before it',
  });
  it.makes('arm', 'a 1');
  expect(it.versions('a')).toEqual(['1.0.0', '1.1.0']);
});

test('a crash between commit and submit: the ticket is submitted again, once', () => {
  const it = diamond();
  const { world } = it;
  world.release([productManifest('src', '1.1.0', 'new')]);
  world.deliver();
  world.crash();
  world.rest();
  const { attempt } = it.running('left');
  expect(world.engine.get(attempt)).toMatchObject({ starts: 1, state: { is: 'running' } });
  it.makes('left', 'left 2');
  it.makes('right', 'right 2');
  it.makes('tip', 'tip 2');
  expect(it.versions('movie')).toEqual(['1.0.0', '1.1.0']);
});
