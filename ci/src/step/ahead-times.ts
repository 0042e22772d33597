/** How long a task takes: what its last runs that ended well took, the middle one of them. */
import type { RunRecord, State } from './types.ts';

export interface Times {
  /** seconds; undefined for a task that has not run yet */
  of(task: string): number | undefined;
}

const lastRuns = 5;

export function timesOf({ records }: State): Times {
  const known = new Map<string, number[]>();
  for (const run of records.runs.values()) {
    const took = secondsOf(run);
    if (took === undefined) continue;
    const all = known.get(run.task) ?? [];
    all.push(took);
    if (all.length > lastRuns) all.shift();
    known.set(run.task, all);
  }
  return {
    of(task) {
      const sorted = known.get(task)?.toSorted((a, b) => a - b);
      return sorted?.[Math.floor(sorted.length / 2)];
    },
  };
}

function secondsOf({ state, submittedAt, startedAt, endedAt }: RunRecord): number | undefined {
  if ((state !== 'succeeded' && state !== 'unchanged') || endedAt === undefined) return undefined;
  return Math.max(0, Date.parse(endedAt) - Date.parse(startedAt ?? submittedAt)) / 1000;
}
