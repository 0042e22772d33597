/**
 * Times that a task's policy names: how long its inputs rest before a run reads them, and when it runs again though
 * nothing changed.
 */
import { Cron } from 'croner';
import { taskOf, type Row } from '@pipl/packl';
import { write } from './draft.ts';
import type { Draft } from './draft.ts';
import type { State, TaskRecord } from './types.ts';

export const isDue = (notBefore: string, at: string): boolean => Date.parse(notBefore) <= Date.parse(at);

const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();

/**
 * Until when a task with `debounce` waits: so long after the newest change of what it reads. Whoever asks for a run
 * asks for it now.
 */
export function quietUntil({ manifest }: Row, record: TaskRecord | undefined): string | undefined {
  const seconds = taskOf(manifest)?.policy?.debounce;
  const newest = seconds === undefined ? undefined : record?.woken.at(-1);
  if (seconds === undefined || newest?.is !== 'change') return undefined;
  if (record?.rested !== undefined && record.rested >= newest.at) return undefined;
  return iso(Date.parse(newest.at) + seconds * 1000);
}

/** Once its inputs have rested it is over, whatever the clock says later. @returns what to remember of it */
export function restOf({ at }: Draft, row: Row, record: TaskRecord): { readonly rested: string } | undefined {
  const until = quietUntil(row, record);
  return until !== undefined && isDue(until, at) ? { rested: record.woken.at(-1)!.at } : undefined;
}

/** The first time after a moment that a cron line names, in UTC; undefined when there is none. @throws TypeError */
export function nextTime(schedule: string, after: string): string | undefined {
  const key = `${schedule} ${after}`;
  if (nextTimes.has(key)) return nextTimes.get(key);
  if (nextTimes.size >= mostTimes) nextTimes.clear();
  const next = new Cron(schedule, { timezone: 'UTC', mode: '5-part' })
    .nextRun(new Date(after))
    ?.toISOString();
  nextTimes.set(key, next);
  return next;
}

const nextTimes = new Map<string, string | undefined>();
const mostTimes = 10_000;

/**
 * When the task runs again: the first time after its last run began. Undefined while it has no result to be made
 * again, runs, or waits for anything: a time that passes meanwhile is made up for once, afterwards.
 */
function dueAt({ records }: State, key: string, schedule: string): string | undefined {
  const task = records.tasks.get(key);
  const run = task?.last === undefined ? undefined : records.runs.get(task.last);
  if (task?.lock === undefined || run === undefined) return undefined;
  const { attempt, lock, again, success, failed } = task;
  if (attempt !== undefined || again === lock) return undefined;
  const hasEnded = success?.lock === lock || failed[lock] !== undefined;
  return hasEnded ? nextTime(schedule, run.submittedAt) : undefined;
}

/** Tasks of which the time has come are made again, failed ones too. */
export function takeDue(draft: Draft): void {
  for (const [key, schedule] of draft.lens.scheduled) {
    const due = dueAt(draft, key, schedule);
    if (due === undefined || !isDue(due, draft.at)) continue;
    const { lock, failed, tries: _, ...record } = draft.records.tasks.get(key)!;
    const { [lock!]: __, ...others } = failed;
    draft.cause = { is: 'schedule', task: record.name, at: due };
    write(draft, 'tasks', key, {
      ...record,
      lock: lock!,
      failed: others,
      again: lock!,
      woken: [...record.woken, draft.cause],
    });
  }
}

/** The next time that somebody is made again. */
export function earliestDue(draft: Draft): string | undefined {
  let earliest: string | undefined;
  for (const [key, schedule] of draft.lens.scheduled) {
    const due = dueAt(draft, key, schedule);
    if (due !== undefined && (earliest === undefined || due < earliest)) earliest = due;
  }
  return earliest;
}
