/**
 * Which runs would be done again: of those that were meant the newest of each task, where its inputs are still the
 * ones that the task resolves to. What has other inputs by now has nothing to compare with, and is only named. Pure.
 */
import { taskOf, type IndexName } from '@pipl/packl';
import type { RerunView } from '@pipl/registry-client';
import { rowWith } from '../provenance/attest.ts';
import { taskKey, type RunRecord, type State } from '../step/index.ts';
import type { RunFacts } from './where.ts';

export interface RerunAsked {
  /** runs that this change or a later one caused */
  readonly seq?: number;
  /** runs that were submitted then or later, ISO 8601 */
  readonly time?: string;
  readonly where: (facts: RunFacts) => boolean;
}

export interface PlannedRerun extends RerunView {
  readonly lock: string;
}

export function planRerun(state: State, asked: RerunAsked): PlannedRerun[] {
  const newest = new Map<string, RunRecord>();
  for (const run of state.records.runs.values()) {
    if (isSince(run, asked) && asked.where(factsOf(state, run)))
      newest.set(taskKey(run.index, run.task), run);
  }
  return [...newest.values()].map((run) => ({
    attempt: run.attempt,
    task: run.task,
    taskVersion: run.taskVersion,
    index: run.index,
    lock: run.lock.hash,
    ...fateOf(state, run),
  }));
}

const isSince = ({ cause, submittedAt }: RunRecord, { seq, time }: RerunAsked): boolean =>
  (seq === undefined || (cause.is === 'change' && cause.seq >= seq)) &&
  (time === undefined || Date.parse(submittedAt) >= Date.parse(time));

const factsOf = (state: State, { task, index, state: is, lock }: RunRecord): RunFacts => {
  const row = rowWith(state, lock.task);
  return { task, index, state: is, type: (row && taskOf(row.manifest)?.type) ?? '' };
};

function fateOf({ records }: State, run: RunRecord): Pick<RerunView, 'is' | 'why'> {
  const task = records.tasks.get(taskKey(run.index as IndexName, run.task));
  if (task === undefined || task.status.is === 'gone') return { is: 'left', why: 'The task is gone.' };
  if (task.attempt !== undefined) return { is: 'left', why: 'It runs just now.' };
  if (task.lock !== run.lock.hash) return { is: 'left', why: 'Its inputs have changed since.' };
  switch (task.status.is) {
    case 'clean':
      return task.success?.lock === run.lock.hash
        ? { is: 'again' }
        : { is: 'left', why: 'It has no result for these inputs.' };
    case 'failed':
    case 'backing-off':
      return { is: 'retry' };
    case 'inherited':
      return { is: 'left', why: `It is run in ${task.status.from}.` };
    case 'waiting':
    case 'blocked':
    case 'running':
      return { is: 'left', why: 'It waits for something.' };
  }
}
