/**
 * A newer wave replaces what has not begun: an attempt that only waits for a place is taken back when what it would
 * read is no longer right, or when its task is paused.
 *
 * ```
 *  waiting ─▶ asked back ─┬─ nobody had begun ─▶ superseded: its task is free, and starts with what it reads now
 *                         └─ somebody had ─▶ running, as every run whose inputs change
 * ```
 * Only the engine knows which of the two it is, and says so once and for good. Until then the attempt is under way: a
 * crash loses nothing, as the engine is asked again, and nothing runs twice. An attempt that was taken back counts
 * nowhere: not among the failures, not among the losses, not among the starts of a wave or of an hour.
 */
import { recordOf, taskRecordOf, read, write } from './draft.ts';
import type { Draft } from './draft.ts';
import { endRun } from './end.ts';
import { askAbove } from './flow.ts';
import type { Look } from './look.ts';
import { pauseAlone } from './pause.ts';
import { supersededWords } from './superseding.ts';
import type { RunRecord, Superseding, TaskRecord } from './types.ts';
import { taskKey } from './types.ts';

/** Could the engine give it back? What is shown by reference waits for nothing. */
export const mayBeTakenBack = ({ rules }: Draft, { state, reference }: RunRecord): boolean =>
  state === 'waiting' && reference === undefined && rules.supersede;

/** Notes how a run stands that is under way, and asks for it back where it should not begin any more. */
export function noteUnderWay(draft: Draft, look: Look): void {
  if (look.stands.is !== 'running') return;
  const { stale } = look.stands;
  const run = read(draft, 'runs', look.stands.run.attempt)!;
  const superseding =
    mayBeTakenBack(draft, run) && run.superseding === undefined ? supersedingOf(draft, look) : undefined;
  if (superseding === undefined && stale === run.stale) return;
  const noted = { ...run, stale, ...(superseding === undefined ? {} : { superseding }) };
  write(draft, 'runs', run.attempt, noted);
  if (superseding === undefined) return;
  draft.effects.push({ do: 'take-back', attempt: run.attempt });
  if (!draft.rules.confirmTakenBack) supersede(draft, noted);
}

function supersedingOf(draft: Draft, look: Look): Superseding | undefined {
  const pause = pauseAlone(draft, look);
  if (pause !== undefined) {
    const { by, reason } = pause;
    return { is: 'paused', by, ...(reason === undefined ? {} : { reason }) };
  }
  if (look.stands.is === 'running' && look.stands.stale)
    return { is: 'changed', cause: recordOf(draft, look).woken.at(-1) ?? draft.cause };
  const { waits, blockers } = askAbove(draft, look);
  return waits.length + blockers.length === 0 ? undefined : { is: 'comes', cause: draft.cause };
}

/** Nobody had begun with it, and nobody will. */
export function supersede(draft: Draft, run: RunRecord): void {
  endRun(draft, run, { state: 'superseded', reason: supersededWords(run.superseding) });
  const { inWave, pace, ...record } = taskRecordOf(draft, run.index, run.task);
  write(draft, 'tasks', taskKey(run.index, run.task), {
    ...record,
    ...(inWave === undefined ? {} : { inWave: withoutStart(draft, run, inWave) }),
    ...(pace === undefined ? {} : { pace: { ...pace, starts: pace.starts - 1 } }),
  });
}

function withoutStart(
  draft: Draft,
  run: RunRecord,
  inWave: NonNullable<TaskRecord['inWave']>,
): NonNullable<TaskRecord['inWave']> {
  const before = run.previous === undefined ? undefined : read(draft, 'runs', run.previous);
  const isCounted = inWave.wave === run.wave && !isAgain(before, { wave: run.wave, lock: run.lock.hash });
  return isCounted ? { ...inWave, starts: inWave.starts - 1 } : inWave;
}

/** Was it started in this wave with these inputs just before, and so is not counted once more? */
export const isAgain = (
  before: RunRecord | undefined,
  { wave, lock }: { readonly wave: string; readonly lock: string },
): boolean => before?.wave === wave && before.lock.hash === lock && before.state !== 'superseded';

/** The attempt in whose place the task's next one starts. */
export function replacedOf(draft: Draft, { last }: Pick<TaskRecord, 'last'>): RunRecord | undefined {
  const run = last === undefined ? undefined : read(draft, 'runs', last);
  return run?.state === 'superseded' ? run : undefined;
}

/** Since when that place was waited for; whoever was paused has none any more. */
export const waitsSince = (replaced: RunRecord | undefined): { readonly waitsSince?: string } =>
  replaced === undefined || replaced.superseding?.is === 'paused'
    ? {}
    : { waitsSince: replaced.waitsSince ?? replaced.submittedAt };
