/**
 * A run ends: its versions are free again, its tokens end, and what it means for its inputs is remembered.
 */
import type { RunOutcome } from '@pipl/packl';
import { read, taskRecordOf, write } from './draft.ts';
import type { Draft } from './draft.ts';
import type { RunRecord, RunStateName, TaskRecord } from './types.ts';
import { taskKey, versionKey } from './types.ts';

export interface End {
  readonly state: Exclude<RunStateName, 'waiting' | 'running'>;
  readonly reason?: string;
  readonly outcome?: RunOutcome;
}

/** Ends an attempt: its versions are free, its tokens end, the task has no run. Says nothing of what is next. */
export function endRun(draft: Draft, run: RunRecord, end: End): void {
  write(draft, 'runs', run.attempt, { ...run, ...end, endedAt: draft.at });
  if (draft.rules.dropTickets) write(draft, 'tickets', run.attempt, undefined);
  for (const { name, version } of run.products) {
    const key = versionKey(run.index, name, version);
    const reserved = read(draft, 'reservations', key)?.attempt === run.attempt;
    if (reserved && draft.rules.releaseReservations) write(draft, 'reservations', key, undefined);
  }
  const { attempt, ...record } = taskRecordOf(draft, run.index, run.task);
  if (attempt === run.attempt) write(draft, 'tasks', taskKey(run.index, run.task), record);
  draft.effects.push({ do: 'revoke', attempt: run.attempt });
}

/** These inputs are not tried again until somebody asks. */
export function giveUp(draft: Draft, run: RunRecord): void {
  const { tries: _, again: _again, ...record } = taskRecordOf(draft, run.index, run.task);
  const failed = draft.rules.rememberFailures ? record.failed : {};
  write(draft, 'tasks', taskKey(run.index, run.task), {
    ...record,
    failed: { ...failed, [run.lock.hash]: run.attempt },
  });
}

export function succeed(draft: Draft, run: RunRecord): void {
  const { tries: _, again: _again, ...record } = taskRecordOf(draft, run.index, run.task);
  const { [run.lock.hash]: __, ...failed } = record.failed;
  const lock = draft.rules.runAgainWhenStale ? run.lock.hash : (record.lock ?? run.lock.hash);
  write(draft, 'tasks', taskKey(run.index, run.task), {
    ...record,
    failed,
    success: { lock, attempt: run.attempt },
  });
}

/** The same inputs again, later. */
export function tryAgain(draft: Draft, run: RunRecord, tries: NonNullable<TaskRecord['tries']>): void {
  const record = taskRecordOf(draft, run.index, run.task);
  write(draft, 'tasks', taskKey(run.index, run.task), { ...record, tries });
}
