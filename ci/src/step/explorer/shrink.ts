/** Makes a broken schedule short enough to be read: what can be left out without mending it, is left out. */
import { runSchedule } from './schedule.ts';
import type { Outcome, ScheduleOptions } from './schedule.ts';

const mostActions = 80;

/** @param seed of a schedule in which something that must hold did not */
export function shrink(seed: number, options: Pick<ScheduleOptions, 'rules' | 'branch'> = {}): Outcome {
  const without = new Set<number>();
  let shortest = runSchedule(seed, options);
  const tryWithout = (places: readonly number[]): boolean => {
    const fewer = new Set([...without, ...places]);
    const outcome = runSchedule(seed, { ...options, without: fewer });
    if (outcome.violation === undefined) return false;
    for (const place of places) without.add(place);
    shortest = outcome;
    return true;
  };
  // Halves first, then quarters, then one by one, from the end: what comes last depends on the most.
  for (let size = mostActions / 2; size >= 1; size = Math.floor(size / 2)) {
    for (let from = mostActions - size; from >= 0; from -= size) {
      const places = Array.from({ length: size }, (_none, at) => from + at).filter((at) => !without.has(at));
      if (places.length > 0) tryWithout(places);
    }
  }
  return shortest;
}
