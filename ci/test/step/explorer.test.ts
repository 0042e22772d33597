/** Random schedules with crashes, duplicates, delays and late results: what must hold, holds. */
import { expect, test } from 'vitest';
import { everyRule, explore } from '../../src/step/explorer/index.ts';
import { runSchedule } from '../../src/step/explorer/schedule.ts';
import { Watched } from '../../src/step/explorer/watched.ts';
import { decide, dump, load } from '../../src/step/index.ts';
import type { Advance, Input, Live, Projection } from '../../src/step/index.ts';
import { project } from '../../src/step/projection.ts';
import { afterOf } from '../../src/step/state.ts';
import { Lens } from '../../src/step/lens.ts';
import { asTold, statusesFromScratch } from './from-scratch.ts';

const count = Number(process.env['PIPL_SCHEDULES'] ?? 500);

test(`${count} schedules break nothing`, { timeout: 60_000 + count * 100 }, () => {
  const { violations, leastTasks, leastInputs, leastCrashes, cuts } = explore({ from: 1, count });
  expect(violations.map(({ seed, violation, story }) => ({ seed, violation, story }))).toEqual([]);
  expect(leastTasks).toBeGreaterThanOrEqual(8);
  expect(leastInputs).toBeGreaterThanOrEqual(40);
  expect(leastCrashes).toBeGreaterThanOrEqual(1);
  expect(cuts).toBeGreaterThan(0);
});

test.each(Object.keys(everyRule))(
  'the explorer notices when this rule is left out: %s',
  { timeout: 60_000 },
  (rule) => {
    const { violations } = explore({ from: 1, count: 600, rules: { ...everyRule, [rule]: false } });
    expect(violations).toHaveLength(1);
  },
);

test('the same seed gives the same schedule', () => {
  expect(runSchedule(7)).toEqual(runSchedule(7));
});

test('a state that was kept and loaded is equal, and decides the same', { timeout: 60_000 }, () => {
  let compared = 0;
  class Forgetful extends Watched {
    override take(input: Input): Advance {
      const kept = JSON.parse(JSON.stringify(dump(this.state))) as ReturnType<typeof dump>;
      const loaded = load(kept, shownBy(this.state));
      expect({ ...loaded, lens: undefined }).toEqual({ ...this.state, lens: undefined });
      expect(decide(loaded, input, this.rules)).toEqual(decide(this.state, input, this.rules));
      compared += 1;
      return super.take(input);
    }
  }
  for (let seed = 1; seed <= 25; seed += 1)
    expect(runSchedule(seed, { world: new Forgetful() }).violation).toBeUndefined();
  expect(compared).toBeGreaterThan(1000);
});

/** What the registry shows: the projection, and what is held back from the open wave. */
function shownBy({ projection, records }: Live): Projection {
  const copied = <Value>(all: ReadonlyMap<string, ReadonlyMap<string, Value>>) =>
    new Map([...all].map(([name, named]) => [name, new Map(named)]));
  const whole = { ...projection, rows: copied(projection.rows), tags: copied(projection.tags) };
  for (const held of records.held.values()) project(whole, afterOf(held));
  return whole;
}

test('every status is what it is from scratch', { timeout: 60_000 }, () => {
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
  for (let seed = 100; seed < 140; seed += 1)
    expect(runSchedule(seed, { world: new Doubting() }).violation).toBeUndefined();
  expect(compared).toBeGreaterThan(10_000);
});

test('what is kept beside a state is what would be made of it anew', { timeout: 60_000 }, () => {
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
  for (let seed = 200; seed < 220; seed += 1)
    expect(runSchedule(seed, { world: new Rebuilt() }).violation).toBeUndefined();
  expect(compared).toBeGreaterThan(800);
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
