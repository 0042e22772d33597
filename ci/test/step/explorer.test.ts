/** Random schedules with crashes, duplicates, delays and late results: what must hold, holds. */
import { expect, test } from 'vitest';
import { everyRule, explore } from '../../src/step/explorer/index.ts';
import { runSchedule } from '../../src/step/explorer/schedule.ts';
import { Watched } from '../../src/step/explorer/watched.ts';
import { decide, dump, load } from '../../src/step/index.ts';
import { wholeProjection } from '../../src/step/state.ts';

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
  const take = Watched.prototype.take;
  let compared = 0;
  class Forgetful extends Watched {
    override take(input: Parameters<typeof take>[0]): void {
      const kept = JSON.parse(JSON.stringify(dump(this.state))) as ReturnType<typeof dump>;
      const loaded = load(kept, wholeProjection(this.state));
      expect(loaded).toEqual(this.state);
      expect(decide(loaded, input, this.rules)).toEqual(decide(this.state, input, this.rules));
      compared += 1;
      super.take(input);
    }
  }
  for (let seed = 1; seed <= 25; seed += 1)
    expect(runSchedule(seed, { world: new Forgetful() }).violation).toBeUndefined();
  expect(compared).toBeGreaterThan(1000);
});
