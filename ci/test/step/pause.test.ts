/** What operators pause starts nothing and blocks what is below it; what was paused starts once, on the newest inputs. */
import { expect, test } from 'vitest';
import type { Effect } from '../../src/step/types.ts';
import { diamond, type Studio } from './studio.ts';

const by = 'ana';

const pause = (it: Studio, task?: string, reason?: string): readonly Effect[] => {
  const at = it.world.now();
  const what = { ...(task === undefined ? {} : { task }), ...(reason === undefined ? {} : { reason }) };
  const { effects } = it.world.take({ is: 'pause', pause: { ...what, by, at }, at });
  it.world.rest();
  return effects;
};

const resume = (it: Studio, task?: string): readonly Effect[] => {
  const what = task === undefined ? {} : { task };
  const { effects } = it.world.take({ is: 'resume', what, by, at: it.world.now() });
  it.world.rest();
  return effects;
};

test('a paused task does not start, nor what reads from it, and both say who paused it', () => {
  const it = diamond();
  pause(it, 'left', 'the rig is broken');
  it.product('src', '1.1.0');
  expect(it.started()).toEqual(['right src@1.1.0']);
  it.makes('right', 'right 2');
  const paused = { is: 'paused', task: 'left', by: 'ana', reason: 'the rig is broken' };
  expect(it.status('left')).toEqual({ is: 'blocked', by: [paused] });
  expect(it.status('tip')).toEqual({ is: 'blocked', by: [paused, { is: 'blocked', task: 'left' }] });
  expect(it.waves().at(-1), 'nobody has to wait for the wave').toMatchObject({ state: 'closed' });
});

test('of all that came meanwhile one run follows, in a wave of who resumed it', () => {
  const it = diamond();
  pause(it, 'left');
  it.product('src', '1.1.0');
  it.makes('right', 'right 2');
  it.product('src', '1.2.0');
  it.makes('right', 'right 3');
  it.started();
  resume(it, 'left');
  expect(it.started()).toEqual(['left src@1.2.0']);
  expect(it.waves().at(-1)).toMatchObject({ state: 'open', cause: { is: 'resume', by: 'ana' } });
  it.makes('left', 'left 2');
  expect(it.started()).toEqual(['tip l@1.1.0 r@1.2.0']);
});

test('what runs goes on, and what it made is taken; below it nothing starts while everything is paused', () => {
  const it = diamond();
  it.product('src', '1.1.0');
  it.started();
  expect(pause(it)).toContainEqual({ do: 'hold', held: true });
  it.makes('left', 'left 2');
  it.makes('right', 'right 2');
  expect(it.started()).toEqual([]);
  expect(it.status('tip')).toMatchObject({ is: 'blocked', by: [{ is: 'paused', task: 'tip' }] });
  expect(resume(it)).toContainEqual({ do: 'hold', held: false });
  expect(it.started()).toEqual(['tip l@1.1.0 r@1.1.0']);
});

test('a pause outlives the server, which then holds back what waits', () => {
  const it = diamond();
  pause(it);
  it.world.crash({ feedFirst: false });
  const { effects } = it.world.take({ is: 'started', attempts: {}, at: it.world.now() });
  expect(effects).toContainEqual({ do: 'hold', held: true });
  it.product('src', '1.1.0');
  expect(it.started()).toEqual([]);
});

test('a pause ends by the words it began with: what is paused twice stays so once', () => {
  const it = diamond();
  pause(it, 'left');
  pause(it);
  resume(it);
  it.product('src', '1.1.0');
  expect(it.started()).toEqual(['right src@1.1.0']);
  expect(resume(it, 'tip')).toEqual([]);
  expect(it.status('left')).toMatchObject({ is: 'blocked' });
});

const limit = (it: Studio, limits: object) =>
  Object.assign(it.world.state.projection, { limits: { startsInAnHour: 9, runsInAWave: 9, ...limits } });

test('a task that starts without end within an hour is paused by pipl, until somebody has looked', () => {
  const it = diamond();
  limit(it, { startsInAnHour: 3 });
  for (const version of ['1.1.0', '1.2.0']) {
    it.product('src', version);
    it.makes('left', 'left 1');
    it.makes('right', 'right 1');
  }
  it.product('src', '1.3.0');
  expect(it.status('left')).toEqual({
    is: 'blocked',
    by: [{ is: 'paused', task: 'left', by: 'pipl', reason: 'it was started 3 times within an hour' }],
  });
  it.started();
  resume(it, 'left');
  expect(it.started()).toEqual(['left src@1.3.0']);
});

test('starts of more than an hour ago do not count', () => {
  const it = diamond();
  limit(it, { startsInAnHour: 2 });
  it.product('src', '1.1.0');
  it.makes('left', 'left 1');
  it.makes('right', 'right 1');
  it.later(3_600);
  it.product('src', '1.2.0');
  expect(it.started().slice(-2)).toEqual(['left src@1.2.0', 'right src@1.2.0']);
});

test('a wave of more runs than its budget pauses everything; resumed, it has as many again', () => {
  const it = diamond();
  limit(it, { runsInAWave: 2 });
  it.product('src', '1.1.0');
  it.makes('left', 'left 2');
  it.makes('right', 'right 2');
  it.started();
  expect(it.status('tip')).toMatchObject({
    is: 'blocked',
    by: [{ is: 'paused', task: 'tip', by: 'pipl', reason: expect.stringContaining('more than its budget') }],
  });
  resume(it);
  expect(it.started()).toEqual(['tip l@1.1.0 r@1.1.0']);
});
