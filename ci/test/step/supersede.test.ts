/**
 * A newer wave replaces what has not begun: an attempt that waits for a place is taken back when what it would read is
 * no longer right, and its task starts in its place with what is right by then.
 */
import { expect, test } from 'vitest';
import type { RunRecord } from '../../src/step/types.ts';
import { diamond, type Studio } from './studio.ts';

/** One run at a time; `left` has begun on src@1.1.0, and `right` waits for the place. */
function oneAtATime(): Studio {
  const it = diamond();
  it.world.places = 1;
  it.product('src', '1.1.0');
  expect(it.started()).toEqual(['left src@1.1.0', 'right src@1.1.0']);
  return it;
}

const of = (it: Studio, task: string): RunRecord[] => it.runs().filter((run) => run.task === task);
const states = (it: Studio, task: string): string[] =>
  of(it, task)
    .slice(1)
    .map(({ state, lock }) => `${lock.direct['src']} ${state}`);
const begun = (it: Studio, { attempt }: RunRecord): number => it.world.engine.get(attempt)!.starts;

test('what waits for a place is replaced; what has begun goes on, and its task runs once more', () => {
  const it = oneAtATime();
  it.product('src', '1.2.0');
  expect(it.started()).toEqual(['right src@1.2.0']);
  expect(states(it, 'left')).toEqual(['1.1.0 running']);
  expect(states(it, 'right')).toEqual(['1.1.0 superseded', '1.2.0 waiting']);
  const [, old, young] = of(it, 'right') as [RunRecord, RunRecord, RunRecord];
  expect(old).toMatchObject({ replacedBy: young.attempt, superseding: { is: 'changed' } });
  expect(begun(it, old)).toBe(0);
  expect(young.waitsSince, 'it stands where the other one stood').toBe(old.submittedAt);

  it.makes('left', 'left 2');
  it.makes('right', 'right 2');
  it.makes('left', 'left 3');
  expect(it.started()).toEqual(['left src@1.2.0', 'tip l@1.2.0 r@1.1.0']);
  expect(it.versions('r'), 'the version that was reserved is free again').toEqual(['1.0.0', '1.1.0']);
  it.makes('tip', 'tip 2');
  expect(it.waves().every(({ state }) => state === 'closed')).toBe(true);
});

test('however often its inputs change, it begins once, on the newest', () => {
  const it = oneAtATime();
  for (const version of ['1.2.0', '1.3.0', '1.4.0']) it.product('src', version);
  expect(states(it, 'right')).toEqual([
    '1.1.0 superseded',
    '1.2.0 superseded',
    '1.3.0 superseded',
    '1.4.0 waiting',
  ]);
  it.makes('left', 'left 2');
  expect(of(it, 'right').map((run) => begun(it, run))).toEqual([1, 0, 0, 0, 1]);
  const [, first] = of(it, 'right');
  expect(of(it, 'right').at(-1)!.waitsSince).toBe(first!.submittedAt);
  // Neither a loss nor a lap: nothing of it counts against the task, or cuts the wave.
  expect(it.task('right').tries).toBeUndefined();
  expect(it.waves().at(-1)!.cut).toBeUndefined();
});

test('it is taken back when somebody above is about to change what it reads, and waits for that', () => {
  const it = diamond();
  it.world.places = 1;
  it.product('src', '1.1.0');
  it.makes('left', 'left 2');
  it.define('other', { reads: { src: '^1.0.0' }, makes: ['o'] });
  it.started();
  it.makes('right', 'right 2'); // `other` has the place now, and `tip` waits for it
  expect(it.started()).toEqual(['tip l@1.1.0 r@1.1.0']);
  it.product('src', '1.2.0');
  const [, tip] = of(it, 'tip');
  expect(tip).toMatchObject({ state: 'superseded', superseding: { is: 'comes' } });
  expect(it.status('tip')).toMatchObject({ is: 'waiting' });
  it.makes('other', 'o');
  it.makes('left', 'left 3');
  it.makes('right', 'right 3');
  expect(it.started().filter((run) => run.startsWith('tip'))).toEqual(['tip l@1.2.0 r@1.2.0']);
});

test('inputs that come back to what they were bring the same run again, under a new attempt', () => {
  const it = oneAtATime();
  it.product('src', '1.2.0');
  it.deprecate('src', '1.2.0');
  expect(states(it, 'right')).toEqual(['1.1.0 superseded', '1.2.0 superseded', '1.1.0 waiting']);
  const [, first, , last] = of(it, 'right') as [RunRecord, RunRecord, RunRecord, RunRecord];
  expect(last.runKey).toBe(first.runKey);
  expect(last.attempt).not.toBe(first.attempt);
});

test('a task that is paused is taken back, and starts anew when somebody resumes it', () => {
  const it = oneAtATime();
  const at = it.world.now();
  it.world.take({ is: 'pause', pause: { task: 'right', by: 'ana', reason: 'wrong rig', at }, at });
  it.world.rest();
  expect(of(it, 'right').at(-1)).toMatchObject({
    state: 'superseded',
    reason: 'ana paused its task: wrong rig',
  });
  it.makes('left', 'left 2');
  expect(it.status('right')).toMatchObject({ is: 'blocked', by: [{ is: 'paused' }] });
  it.world.take({ is: 'resume', what: { task: 'right' }, by: 'ana', at: it.world.now() });
  it.world.rest();
  expect(states(it, 'right')).toEqual(['1.1.0 superseded', '1.1.0 waiting']);
  expect(of(it, 'right').map((run) => begun(it, run))).toEqual([1, 0, 1]);
});

test('only the engine knows whether it has begun: until it says so the attempt is under way', () => {
  const it = oneAtATime();
  it.world.release([
    { ...it.world.rows.values().find(({ name }) => name === 'src')!.manifest, version: '1.2.0' },
  ]);
  it.world.deliver();
  const asked = of(it, 'right').at(-1)!;
  expect(it.world.effects).toContainEqual({ do: 'take-back', attempt: asked.attempt });
  expect(asked).toMatchObject({ state: 'waiting', superseding: { is: 'changed' } });
  // The place comes free just before the engine hears of it.
  it.world.engine.get(asked.attempt)!.state = { is: 'running' };
  it.world.rest();
  expect(states(it, 'right')).toEqual(['1.1.0 running']);
  expect(of(it, 'right').at(-1)!.superseding).toBeUndefined();
});

test('a server that dies before it asked asks again, and nothing runs twice', () => {
  for (const feedFirst of [true, false]) {
    const it = oneAtATime();
    it.world.release([
      { ...it.world.rows.values().find(({ name }) => name === 'src')!.manifest, version: '1.2.0' },
    ]);
    it.world.deliver();
    it.world.crash({ feedFirst });
    expect(it.world.effects.some((effect) => effect.do === 'take-back')).toBe(true);
    it.world.rest();
    expect(states(it, 'right')).toEqual(['1.1.0 superseded', '1.2.0 waiting']);
    expect(of(it, 'right').map((run) => begun(it, run))).toEqual([1, 0, 0]);
  }
});
