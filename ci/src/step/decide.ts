/**
 * One input, one decision. No clock, no input or output, no chance: the same state and input always give the same
 * decision. It is made in place, on a live state, and can be taken back; `decide` only says what it would be.
 *
 * Effects may be lost with a crash after the commit. They follow again from the records when the server says
 * that it `started`.
 */
import type { RunState } from '@pipl/packl';
import { takeAgain } from './again.ts';
import { isTried, openDraft, read, taskRecordOf, write, writesOf } from './draft.ts';
import type { Draft } from './draft.ts';
import { causeOf, takeChange } from './feed.ts';
import type { ChangeInput } from './feed.ts';
import { everyRule } from './rules.ts';
import type { Rules } from './rules.ts';
import { endRun, giveUp, tryAgain } from './end.ts';
import { isHeld, takePause, takeResume } from './pause.ts';
import { earliestDue, takeDue } from './policy-times.ts';
import { isUnderWay } from './under-way.ts';
import { settle } from './settle.ts';
import { supersede } from './supersede.ts';
import type { Journal, Live } from './state.ts';
import type { Decision, Effect, Input, RunRecord, State } from './types.ts';
import { taskKey } from './types.ts';

/** The machinery loses the same work so often before somebody has to look. */
const lossesBeforeGivingUp = 5;
/** seconds before the second and later attempts; the first loss costs no wait */
const backOff = [0, 2, 8, 32];

/** A decision that the live state shows already. */
export interface Advance extends Decision {
  /** Undoes it; what came after must have been undone before. */
  takeBack(): void;
}

/** One step of a trial: nobody keeps what it wrote. */
export interface TrialStep {
  readonly effects: readonly Effect[];
  readonly journal: Journal;
}

/** Decides, and moves the state on. An error leaves it as it was. */
export function advance(live: Live, input: Input, rules: Rules = everyRule): Advance {
  const draft = openDraft(live, { at: input.at, rules });
  const { journal } = draft;
  const effects = orAsItWas(draft, () => take(draft, input));
  return { writes: writesOf(draft), effects, takeBack: () => journal.takeBack() };
}

/** Moves the state on, to be taken back. An error leaves it as it was. */
export function stepInTrial(live: Live, input: Input, rules: Rules = everyRule): TrialStep {
  const draft = openDraft(live, { at: input.at, rules, isTrial: true });
  const effects = orAsItWas(draft, () => take(draft, input));
  // Not the draft: a plan keeps the way back of every step.
  return { effects, journal: draft.journal };
}

/**
 * The same of a change that may start nobody; then nothing is to be done.
 * @param isDue asked when it was taken: does it have to be settled now? What should be looked at is dirty by then
 */
export function stepLaterInTrial(live: Live, input: ChangeInput, isDue: () => boolean): TrialStep {
  const draft = openDraft(live, { at: input.at, rules: everyRule, isTrial: true, isLater: true });
  const effects = orAsItWas(draft, () => takeChange(draft, input) && isDue());
  return { effects, journal: draft.journal };
}

/** Settles what was put off. @param last the change that brought it */
export function settleInTrial(live: Live, { at, change }: ChangeInput): TrialStep {
  const draft = openDraft(live, { at, rules: everyRule, isTrial: true });
  draft.cause = causeOf(change);
  const effects = orAsItWas(draft, () => true);
  return { effects, journal: draft.journal };
}

/** @param isTaken is there anything to settle? An error leaves the state as it was. */
function orAsItWas(draft: Draft, isTaken: () => boolean): readonly Effect[] {
  try {
    if (!isTaken()) return [];
    settle(draft);
    return effectsOf(draft);
  } catch (error) {
    draft.journal.takeBack();
    throw error;
  }
}

/** What would be decided; the state stays as it is. */
export function decide(live: Live, input: Input, rules: Rules = everyRule): Decision {
  const { writes, effects, takeBack } = advance(live, input, rules);
  takeBack();
  return { writes, effects };
}

/** @returns is there anything to settle? */
function take(draft: Draft, input: Input): boolean {
  switch (input.is) {
    case 'change':
      return takeChange(draft, input);
    case 'run-started':
      takeStart(draft, input.attempt);
      return true;
    case 'run-ended':
      takeEnd(draft, input.attempt, input.end);
      return true;
    case 'retry':
      takeRetry(draft, input);
      return true;
    case 'again':
      takeAgain(draft, input);
      return true;
    case 'cancel':
      takeCancel(draft, input.attempt);
      return true;
    case 'pause':
      takePause(draft, input);
      return true;
    case 'resume':
      takeResume(draft, input);
      return true;
    case 'tick':
      if (!isTried(draft)) takeDue(draft);
      return true;
    case 'started':
      takeStarted(draft, input.attempts);
      return true;
  }
}

function takeStart(draft: Draft, attempt: string): void {
  const run = read(draft, 'runs', attempt);
  if (run?.state !== 'waiting') return;
  const { superseding: _, ...rest } = run;
  write(draft, 'runs', attempt, { ...rest, state: 'running', startedAt: draft.at });
  // It was not a lap of the wave while it could have been taken back.
  if (run.stale) draft.lens.dirty.add(taskKey(run.index, run.task));
}

/** A run that did not succeed. Success is a change of the feed, and an end is final. */
function takeEnd(draft: Draft, attempt: string, end: RunState): void {
  const run = read(draft, 'runs', attempt);
  if (run === undefined || (!isUnderWay(run) && draft.rules.endOnce)) return;
  switch (end.is) {
    case 'failed':
      return takeFailure(draft, run, end.reason);
    case 'lost':
      return takeLoss(draft, run, end.reason);
    case 'canceled':
      endRun(draft, run, { state: 'canceled', reason: 'cancelled' });
      giveUp(draft, run);
      return;
    case 'taken-back':
      return supersede(draft, run);
    case 'unknown':
    case 'waiting':
    case 'running':
    case 'succeeded':
      return;
  }
}

function takeFailure(draft: Draft, run: RunRecord, reason: string): void {
  const retries = read(draft, 'tickets', run.attempt)?.field.policy?.retries ?? 0;
  const { failed, lost } = triesOf(draft, run);
  endRun(draft, run, { state: 'failed', reason });
  if (failed + 1 > retries && draft.rules.giveUp) giveUp(draft, run);
  else tryAgain(draft, run, { lock: run.lock.hash, failed: failed + 1, lost });
}

function takeLoss(draft: Draft, run: RunRecord, reason: string): void {
  const { failed, lost } = triesOf(draft, run);
  endRun(draft, run, { state: 'lost', reason });
  if (lost + 1 >= lossesBeforeGivingUp) return giveUp(draft, run);
  const seconds = backOff[lost] ?? 0;
  const notBefore = new Date(Date.parse(draft.at) + seconds * 1000).toISOString();
  tryAgain(draft, run, {
    lock: run.lock.hash,
    failed,
    lost: lost + 1,
    ...(seconds === 0 ? {} : { notBefore }),
  });
}

function triesOf(draft: Draft, run: RunRecord): { readonly failed: number; readonly lost: number } {
  const { tries } = taskRecordOf(draft, run.index, run.task);
  return tries?.lock === run.lock.hash ? tries : { failed: 0, lost: 0 };
}

/** Forgets that the present inputs failed; nothing else is tried again. */
function takeRetry(draft: Draft, { task, index, at }: Input & { readonly is: 'retry' }): void {
  draft.cause = { is: 'retry', task, at };
  for (const handled of draft.projection.handlers) {
    if (index !== undefined && index !== handled) continue;
    const { tries: _, ...record } = taskRecordOf(draft, handled, task);
    const { status, lock } = record;
    if (lock === undefined || (status.is !== 'failed' && status.is !== 'backing-off')) continue;
    const { [lock]: __, ...failed } = record.failed;
    write(draft, 'tasks', taskKey(handled, task), {
      ...record,
      failed,
      woken: [...record.woken, draft.cause],
    });
  }
}

/** Somebody stops a run: its inputs are not tried again until somebody asks. */
function takeCancel(draft: Draft, attempt: string): void {
  const run = read(draft, 'runs', attempt);
  if (run === undefined || !isUnderWay(run)) return;
  endRun(draft, run, { state: 'canceled', reason: 'cancelled' });
  giveUp(draft, run);
  draft.effects.push({ do: 'cancel', attempt });
}

/** What was decided before the crash and perhaps not done is asked for again; what ended meanwhile is taken. */
function takeStarted(draft: Draft, attempts: Readonly<Record<string, RunState>>): void {
  for (const [attempt, { is }] of Object.entries(attempts)) {
    const run = read(draft, 'runs', attempt);
    const goesOn = is === 'waiting' || is === 'running';
    if (goesOn && run !== undefined && !isUnderWay(run))
      draft.effects.push({ do: 'cancel', attempt }, { do: 'revoke', attempt });
  }
  for (const ticket of draft.records.tickets.values().toArray()) {
    const { attempt } = ticket;
    const seen = attempts[attempt] ?? { is: 'unknown' };
    const isAsked = read(draft, 'runs', attempt)?.superseding !== undefined && draft.rules.takeBackAgain;
    if (isAsked && (seen.is === 'unknown' || seen.is === 'waiting'))
      draft.effects.push({ do: 'take-back', attempt });
    if (seen.is === 'running') takeStart(draft, attempt);
    else if (seen.is !== 'unknown') takeEnd(draft, attempt, seen);
    else if (draft.rules.submitAgain) draft.effects.push({ do: 'submit', ticket });
  }
  if (isHeld(draft)) draft.effects.push({ do: 'hold', held: true });
  takeDue(draft);
}

/** Submits last: what is stopped makes room. A wake-up is asked for while somebody waits for the time to come. */
function effectsOf(draft: Draft): Effect[] {
  const { effects, lens } = draft;
  // A play forward in time ends when what follows has run: what runs every night has no end.
  let earliest = lens.scheduled.size === 0 || isTried(draft) ? undefined : earliestDue(draft);
  for (const until of lens.tallies.backingOff.values())
    if (earliest === undefined || until < earliest) earliest = until;
  if (effects.length === 0 && earliest === undefined) return [];
  const told: Effect[] = effects.filter((effect) => effect.do !== 'submit');
  for (const effect of effects) if (effect.do === 'submit') told.push(effect);
  if (earliest !== undefined) told.push({ do: 'wake', at: earliest });
  return told;
}

/** The last change that everything has come to rest after. */
export function settledThrough({ records }: State): number {
  const { cursor, wave: id } = records.meta.get('reactor') ?? { cursor: 0 };
  const wave = id === undefined ? undefined : records.waves.get(id);
  if (wave === undefined) return cursor;
  const { cause, first = Infinity } = wave;
  return Math.min(cursor, (cause.is === 'change' ? Math.min(cause.seq, first) : first) - 1);
}
