/** Runs many schedules, families of them from one seed each, and tells of those in which something that must hold did not. */
import { everyRule } from '../rules.ts';
import type { Rules } from '../rules.ts';
import { isLongEnough, runFamily } from './family.ts';
import type { Told } from './family.ts';
import type { Branch } from './schedule.ts';

export { everyRule } from '../rules.ts';
export type { Rules } from '../rules.ts';
export { runFamily } from './family.ts';
export type { Told } from './family.ts';
export { runSchedule } from './schedule.ts';
export { shrink } from './shrink.ts';
export type { Branch, Outcome } from './schedule.ts';

export interface Exploration {
  readonly seeds: number;
  /** distinct ones, from their beginning to rest */
  readonly schedules: number;
  /** that were shorter than a schedule is, and do not count */
  readonly short: number;
  /** inputs that were taken */
  readonly steps: number;
  /** inputs of schedules that had been taken for another one with the same state */
  readonly stepsShared: number;
  readonly crashes: number;
  /** of the schedules that were run to their end */
  readonly runs: number;
  readonly cuts: number;
  /** schedules by how the server came back */
  readonly ways: Readonly<Record<string, number>>;
  /** schedules by how far they were run by themselves */
  readonly endings: Readonly<Record<string, number>>;
  readonly actions: Readonly<Record<string, number>>;
  /** of the fewest */
  readonly leastTasks: number;
  readonly leastInputs: number;
  readonly leastCrashes: number;
  readonly violations: readonly Broken[];
}

export interface Broken {
  readonly seed: number;
  readonly branch?: Branch;
  readonly violation: string;
}

export interface ExploreOptions {
  /** the first seed */
  readonly from: number;
  /** seeds */
  readonly count: number;
  readonly rules?: Rules;
  /** stop at so many violations; 1 unless told */
  readonly enough?: number;
  /** branch off at so many of the points; at all unless told */
  readonly share?: number;
}

export function explore({ from, count, rules = everyRule, enough = 1, share }: ExploreOptions): Exploration {
  const sums = { seeds: 0, schedules: 0, short: 0, steps: 0, stepsShared: 0, crashes: 0, runs: 0, cuts: 0 };
  const counted = { ways: new Map(), endings: new Map(), actions: new Map() };
  const least = { leastTasks: Infinity, leastInputs: Infinity, leastCrashes: Infinity };
  const violations: Broken[] = [];
  const note = (schedule: Told, tasks: number): void => {
    sums.steps += schedule.steps;
    if (!isLongEnough(schedule)) {
      sums.short += 1;
      return;
    }
    sums.schedules += 1;
    sums.stepsShared += schedule.inputs - schedule.steps;
    sums.crashes += schedule.crashes;
    sums.runs += schedule.runs ?? 0;
    sums.cuts += schedule.cuts ?? 0;
    add(counted.ways, schedule.branch?.way ?? 'by chance', 1);
    add(counted.endings, schedule.ending, 1);
    least.leastTasks = Math.min(least.leastTasks, tasks);
    least.leastInputs = Math.min(least.leastInputs, schedule.inputs);
    least.leastCrashes = Math.min(least.leastCrashes, schedule.crashes);
  };
  for (let seed = from; seed < from + count && violations.length < enough; seed += 1) {
    let did: ReadonlyMap<string, number> = new Map();
    const broken = runFamily(seed, {
      rules,
      told: (schedule, plan) => {
        note(schedule, plan.tasks.length);
        ({ did } = plan);
      },
      ...(share === undefined ? {} : { share }),
    });
    sums.seeds += 1;
    for (const [action, times] of did) add(counted.actions, action, times);
    if (broken !== undefined) violations.push({ seed, ...broken });
  }
  const { ways, endings, actions } = counted;
  return {
    ...sums,
    ...least,
    ways: Object.fromEntries(ways),
    endings: Object.fromEntries(endings),
    actions: Object.fromEntries(actions),
    violations,
  };
}

function add(counts: Map<string, number>, key: string, more: number): void {
  counts.set(key, (counts.get(key) ?? 0) + more);
}
