/** Random schedules with crashes, duplicates, delays and late results: what must hold, holds. */
import { expect, test } from 'vitest';
import { everyRule, explore, runFamily, runSchedule, shrink } from '../../src/step/explorer/index.ts';
import type { Branch, Rules, Told } from '../../src/step/explorer/index.ts';
import { Watched } from '../../src/step/explorer/watched.ts';
import { ways } from '../../src/step/explorer/ways.ts';
import { decide, dump, load } from '../../src/step/index.ts';
import type { Advance, Input, Live, Projection } from '../../src/step/index.ts';
import { project } from '../../src/step/projection.ts';
import { afterOf } from '../../src/step/state.ts';
import { Lens } from '../../src/step/lens.ts';
import { asTold, statusesFromScratch } from './from-scratch.ts';

const seeds = Number(process.env['PIPL_SEEDS'] ?? 4);

test(`the schedules of ${seeds} seeds break nothing`, { timeout: 300_000 + seeds * 10_000 }, () => {
  const found = explore({ from: 1, count: seeds });
  const { violations, schedules, ways: came, endings, steps, stepsShared } = found;
  expect(violations).toEqual([]);
  expect(schedules).toBeGreaterThan(100 * seeds);
  expect(found.leastTasks).toBeGreaterThanOrEqual(8);
  expect(found.leastInputs).toBeGreaterThanOrEqual(40);
  expect(found.leastCrashes).toBeGreaterThanOrEqual(1);
  expect(Object.keys(came).toSorted()).toEqual([...ways, 'by chance'].toSorted());
  expect(Object.keys(endings).toSorted()).toEqual(['at once', 'later', 'to its end']);
  expect(stepsShared).toBeGreaterThan(steps);
});

test('a schedule that shares its end comes to the same end by itself', { timeout: 540_000 }, () => {
  let compared = 0;
  for (const seed of [3]) {
    const all: Told[] = [];
    expect(runFamily(seed, { rules: everyRule, told: (one) => void all.push(one) })).toBeUndefined();
    for (const { branch, inputs, crashes, end } of all.filter((_one, at) => at % 9 === 0)) {
      const { violation, ...alone } = runSchedule(seed, branch === undefined ? {} : { branch });
      expect(violation).toBeUndefined();
      expect(alone).toMatchObject({ inputs, crashes, end });
      compared += 1;
    }
  }
  expect(compared).toBeGreaterThan(20);
});

test('no schedule of a seed is another one of it', () => {
  const all: (Branch | undefined)[] = [];
  runFamily(5, { rules: everyRule, told: ({ branch }) => void all.push(branch) });
  expect(new Set(all.map((branch) => JSON.stringify(branch))).size).toBe(all.length);
});

/** From 1 these take long; the soak begins anywhere. */
const soonFrom: Readonly<Record<string, number>> = {
  rememberFailures: 345,
  releaseHeld: 172,
  referNewest: 138,
  knownByBytes: 237,
};

test.each(Object.keys(everyRule))(
  'the explorer notices when this rule is left out: %s',
  { timeout: 540_000 },
  (rule) => {
    const rules = { ...everyRule, [rule]: false };
    const { violations } = explore({ from: soonFrom[rule] ?? 1, count: 150, rules, share: 0.02 });
    expect(violations).toHaveLength(1);
  },
);

test('what is broken is told as a story that is short enough to read', { timeout: 540_000 }, () => {
  const broken = (rule: keyof Rules) => {
    const rules = { ...everyRule, [rule]: false };
    const { seed, branch, violation } = explore({ from: 1, count: 150, rules, share: 0.1 }).violations[0]!;
    const options = branch === undefined ? { rules } : { rules, branch };
    return { violation, whole: runSchedule(seed, options), short: shrink(seed, options) };
  };
  const early = broken('waitForDirty');
  expect(early.whole.violation).toBe(early.violation);
  expect(early.short.violation).toMatch(/starts though/);
  expect(early.short.story.length).toBeLessThan(early.whole.story.length);
  const lost = broken('submitAgain');
  expect(lost.whole.violation).toBe(lost.violation);
  expect(lost.short.violation).toMatch(/was never submitted/);
  expect(lost.short.story).toContain('the server dies and starts');
});

test('the same seed gives the same schedule', () => {
  expect(runSchedule(7)).toEqual(runSchedule(7));
});

test('a state that was kept and loaded is equal, and decides the same', { timeout: 540_000 }, () => {
  let compared = 0;
  class Forgetful extends Watched {
    override take(input: Input): Advance {
      const kept = JSON.parse(JSON.stringify(dump(this.state))) as ReturnType<typeof dump>;
      const loaded = load(kept, shownBy(this.state));
      expect({ ...loaded, lens: undefined }).toEqual({ ...this.state, lens: undefined });
      const [one, other] = [loaded, this.state].map((state) => decide(state, input, this.rules));
      expect(one).toEqual(other);
      compared += 1;
      return super.take(input);
    }
  }
  for (let seed = 1; seed <= 10; seed += 1)
    expect(runSchedule(seed, { world: new Forgetful() }).violation).toBeUndefined();
  expect(compared).toBeGreaterThan(400);
});

/** What the registry shows: the projection, and what is held back from the open wave. */
function shownBy({ projection, records }: Live): Projection {
  const copied = <Value>(all: ReadonlyMap<string, ReadonlyMap<string, Value>>) =>
    new Map([...all].map(([name, named]) => [name, new Map(named)]));
  const whole = { ...projection, rows: copied(projection.rows), tags: copied(projection.tags) };
  for (const held of records.held.values()) project(whole, afterOf(held));
  return whole;
}

test('every status is what it is from scratch', { timeout: 540_000 }, () => {
  let compared = 0;
  class Doubting extends Watched {
    override take(input: Input): Advance {
      const advanced = super.take(input);
      const statuses = statusesFromScratch(this.state);
      const { tasks } = this.state.records;
      expect([...tasks.keys()].toSorted()).toEqual([...statuses.keys()].toSorted());
      for (const [key, status] of statuses)
        expect([key, asTold(tasks.get(key)?.status)]).toEqual([key, asTold(status)]);
      compared += statuses.size;
      return advanced;
    }
  }
  for (let seed = 100; seed < 112; seed += 1)
    expect(runSchedule(seed, { world: new Doubting() }).violation).toBeUndefined();
  expect(compared).toBeGreaterThan(3_000);
});

test('what is kept beside a state is what would be made of it anew', { timeout: 540_000 }, () => {
  let compared = 0;
  class Rebuilt extends Watched {
    override take(input: Input): Advance {
      const advanced = super.take(input);
      const { records, projection, lens } = this.state;
      expect(told(lens)).toEqual(told(new Lens(records, projection)));
      const left = advanced.writes.length === 0 ? [] : [...lens.dirty, ...lens.stale, ...lens.suspects];
      expect(left).toEqual([]);
      compared += 1;
      return advanced;
    }
  }
  for (let seed = 200; seed < 210; seed += 1)
    expect(runSchedule(seed, { world: new Rebuilt() }).violation).toBeUndefined();
  expect(compared).toBeGreaterThan(400);
});

/** All that a lens says of the state, in one order. */
const told = ({ tallies, places }: Lens) => ({
  tallies,
  places: [...places.values()].map((place) => ({
    index: place.index,
    tasks: place.tasks(),
    missing: place.tasks().map(({ name }) => place.isMissing(name)),
    read: place.tasks().map(({ name }) =>
      place
        .closure(name)
        .map((row) => row.integrity)
        .toSorted(),
    ),
    shown: [...place.view.names()].toSorted().map((name) => ({
      versions: place.view.versions(name),
      latest: place.view.tag(name, 'latest'),
      makers: place.makers(name),
      askers: [...place.askers(name)].toSorted(),
    })),
  })),
});
