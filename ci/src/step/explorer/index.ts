/** Runs many schedules, each from its own seed, and tells of those in which something that must hold did not. */
import type { Rules } from '../rules.ts';
import { runSchedule } from './schedule.ts';
import type { Outcome } from './schedule.ts';

export { everyRule } from '../rules.ts';
export type { Rules } from '../rules.ts';
export { runSchedule } from './schedule.ts';
export { shrink } from './shrink.ts';
export type { Outcome } from './schedule.ts';

export interface Exploration {
  readonly schedules: number;
  readonly inputs: number;
  readonly crashes: number;
  readonly runs: number;
  readonly cuts: number;
  /** of the fewest */
  readonly leastTasks: number;
  readonly leastInputs: number;
  readonly leastCrashes: number;
  readonly violations: readonly Outcome[];
}

export interface ExploreOptions {
  /** the first seed */
  readonly from: number;
  readonly count: number;
  readonly rules?: Rules;
  /** stop at so many violations; 1 unless told */
  readonly enough?: number;
}

export function explore({ from, count, rules, enough = 1 }: ExploreOptions): Exploration {
  const sums = { schedules: 0, inputs: 0, crashes: 0, runs: 0, cuts: 0 };
  const least = { leastTasks: Infinity, leastInputs: Infinity, leastCrashes: Infinity };
  const violations: Outcome[] = [];
  for (let seed = from; seed < from + count && violations.length < enough; seed += 1) {
    const outcome = runSchedule(seed, rules === undefined ? {} : { rules });
    sums.schedules += 1;
    for (const word of ['inputs', 'crashes', 'runs', 'cuts'] as const) sums[word] += outcome[word];
    if (outcome.violation !== undefined) {
      violations.push(outcome);
      continue;
    }
    least.leastTasks = Math.min(least.leastTasks, outcome.tasks);
    least.leastInputs = Math.min(least.leastInputs, outcome.inputs);
    least.leastCrashes = Math.min(least.leastCrashes, outcome.crashes);
  }
  return { ...sums, ...least, violations };
}
