/**
 * After every input, until nothing moves: what runs on withdrawn inputs is cancelled, what may run starts, what
 * is known is taken as it is, and the wave opens, is cut or closes.
 *
 * Only tasks are looked at that the input may concern: those that the lens says are to be looked at again, and
 * those below them whose verdict no longer holds.
 */
import { changeTask, metaOf, read, recordOf, write } from './draft.ts';
import type { Draft } from './draft.ts';
import { askAbove } from './flow.ts';
import { lookAt, resolutionOf } from './look.ts';
import type { Look } from './look.ts';
import { endRun } from './end.ts';
import { breakStorm, pausedBlocker } from './pause.ts';
import { isDue, restOf } from './policy-times.ts';
import { runnableOf, startRun } from './start.ts';
import type { Runnable } from './start.ts';
import { knownResult } from './known.ts';
import { shownIn } from './shown.ts';
import { noteUnderWay } from './supersede.ts';
import { pinsOf } from './under-way.ts';
import type { Blocker, RunRecord, TaskStatus } from './types.ts';
import { taskKey, taskOfKey } from './types.ts';
import { closeWave, cutWhenLapped, noteWoken, openWave } from './waves.ts';

export function settle(draft: Draft): void {
  const { lens } = draft;
  for (let more = true; more;) {
    const { paused } = metaOf(draft);
    cancelWithdrawn(draft);
    const concerned = lookAgain(draft);
    for (let asked = concerned; asked.size > 0;) {
      // Of those that stay as they are, only the ones below who moved can be told something else now.
      const next = below(draft, startWhatMay(draft, asked));
      // Whoever inherits what turned out to be known goes on with it, or does not any more.
      if (lens.dirty.size > 0) for (const key of lookAgain(draft)) next.add(key);
      asked = next;
      for (const key of asked) concerned.add(key);
    }
    for (const key of inOrder(draft, concerned)) writeStatus(draft, key);
    const isBroken = metaOf(draft).paused !== paused;
    more = isBroken || closeWave(draft, lens.tallies.busy.size > 0);
  }
  const meta = metaOf(draft);
  if (meta.judged !== lens.judged) write(draft, 'meta', 'reactor', { ...meta, judged: lens.judged });
}

function cancelWithdrawn(draft: Draft): void {
  if (draft.lens.suspects.size === 0) return;
  const attempts = draft.journal.takeSuspects();
  if (!draft.rules.cancelWithdrawn) return;
  for (const attempt of attempts) {
    const run = read(draft, 'runs', attempt);
    const task = run === undefined ? undefined : read(draft, 'tasks', taskKey(run.index, run.task));
    const gone = run === undefined || task?.attempt !== attempt ? undefined : withdrawnPin(draft, run);
    if (run === undefined || gone === undefined) continue;
    endRun(draft, run, { state: 'canceled', reason: `${gone} was withdrawn` });
    draft.effects.push({ do: 'cancel', attempt });
  }
}

/** Something that the run reads and that is no longer there. */
function withdrawnPin(draft: Draft, run: RunRecord): string | undefined {
  const { view } = shownIn(draft, run.index);
  const pins = draft.rules.watchPrevious ? pinsOf(run) : Object.keys(run.lock.pins);
  return pins.find((key) => {
    const at = key.indexOf('@', 1);
    const version = key.slice(at + 1);
    return !view.versions(key.slice(0, at)).some((row) => row.version === version);
  });
}

/** @returns every task that this settling concerns, so far */
function lookAgain(draft: Draft): Set<string> {
  const { lens } = draft;
  for (const [key, until] of lens.tallies.backingOff) if (isDue(until, draft.at)) lens.dirty.add(key);
  if (lens.dirty.size === 0) return new Set();
  const dirty = inOrder(draft, lens.dirty);
  lens.dirty.clear();
  for (const key of dirty) {
    draft.journal.look(key);
    draft.looks.delete(key);
    endBackOff(draft, key);
    endRest(draft, key);
    const look = lookAt(draft, key);
    if (look !== undefined) {
      noteWoken(draft, look);
      cutWhenLapped(draft, look);
    }
    lens.stale.delete(key);
    lens.of(key).verdict = undefined;
  }
  const concerned = below(draft, dirty);
  for (const key of dirty) concerned.add(key);
  // Whatever was noted on the way is of tasks that are looked at anyway.
  lens.dirty.clear();
  return concerned;
}

/** Whoever has to be asked again because of these. */
const below = ({ lens, rules }: Draft, moved: readonly string[]): Set<string> =>
  rules.askBelowAgain ? lens.forgetBelow(moved) : new Set();

/** Once the time has come it is over, whatever the clock says later. */
function endBackOff(draft: Draft, key: string): void {
  const record = read(draft, 'tasks', key);
  if (record?.tries?.notBefore === undefined || !isDue(record.tries.notBefore, draft.at)) return;
  const { notBefore: _, ...tries } = record.tries;
  write(draft, 'tasks', key, { ...record, tries });
}

function endRest(draft: Draft, key: string): void {
  const record = read(draft, 'tasks', key);
  if (record?.status.is !== 'backing-off' || record.status.quiet !== true) return;
  const row = draft.lens.places.get(record.index)?.task(record.name);
  const rest = row === undefined ? undefined : restOf(draft, row, record);
  if (rest !== undefined) write(draft, 'tasks', key, { ...record, ...rest });
}

/** By the order of the handlers, then by name. */
function inOrder({ projection }: Draft, keys: ReadonlySet<string>): string[] {
  if (keys.size < 2) return [...keys];
  if (projection.handlers.length === 1) return [...keys].toSorted();
  const place = (key: string): number => projection.handlers.indexOf(taskOfKey(key).index);
  return [...keys].toSorted((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
}

/** One pass over the tasks that have something to do. @returns those that moved */
function startWhatMay(draft: Draft, concerned: ReadonlySet<string>): string[] {
  const moved: string[] = [];
  for (const key of inOrder(draft, concerned)) {
    const look = lookAt(draft, key);
    if (look?.stands.is !== 'open' || look.hash === undefined) continue;
    const { waits, blockers } = askAbove(draft, look);
    const isStopped = blockers.length > 0 || pausedBlocker(draft, look).length > 0;
    if (waits.length === 0 && isStopped) continue;
    openWave(draft);
    if (waits.length > 0) continue;
    if (breakStorm(draft, look)) {
      draft.lens.dirty.add(key);
      continue;
    }
    const resolution = resolutionOf(draft, look);
    if (!resolution.ok) throw new Error(`${key} was resolved, and is not.`);
    const runnable = runnableOf(draft, look, resolution.lock);
    const known = knownResult(draft, runnable);
    if (known === undefined) startRun(draft, runnable);
    else takeKnown(draft, runnable, known);
    // It was looked at just now, and nothing else of it changed.
    draft.lens.dirty.delete(key);
    moved.push(key);
  }
  return moved;
}

function takeKnown(draft: Draft, look: Runnable, known: RunRecord): void {
  const { tries: _, ...record } = recordOf(draft, look);
  write(draft, 'tasks', look.key, {
    ...record,
    success: { lock: look.lock.hash, attempt: known.attempt },
    status: { is: 'clean', known: true },
  });
}

function writeStatus(draft: Draft, key: string): void {
  const look = lookAt(draft, key);
  if (look === undefined) return markGone(draft, key);
  const status = statusOf(draft, look);
  const record = recordOf(draft, look);
  const rested = status.is === 'clean' && record.woken.length > 0;
  if (rested || !isSameStatus(record.status, status))
    changeTask(draft, look, { status, ...(rested ? { woken: [] } : {}) });
  noteUnderWay(draft, look);
  // Locks are big, and only who may start soon needs its own.
  if (look.stands.is !== 'open') draft.lens.of(key).resolution = undefined;
}

function markGone(draft: Draft, key: string): void {
  const known = read(draft, 'tasks', key);
  if (known === undefined || known.status.is === 'gone') return;
  const { lock: _, version: __, ...record } = known;
  write(draft, 'tasks', key, { ...record, status: { is: 'gone' } });
  draft.lens.stale.delete(key);
}

function statusOf(draft: Draft, look: Look): TaskStatus {
  const { stands } = look;
  switch (stands.is) {
    case 'running':
      return { is: 'running', stale: stands.stale };
    case 'clean': {
      const { status } = recordOf(draft, look);
      return status.is === 'clean' && status.known ? status : { is: 'clean' };
    }
    case 'inherited':
      return { is: 'inherited', from: stands.from };
    case 'failed':
      return { is: 'failed', attempt: stands.attempt };
    case 'backing-off':
      return { is: 'backing-off', until: stands.until, ...(stands.quiet === true ? { quiet: true } : {}) };
    case 'open': {
      const { waits, blockers } = askAbove(draft, look);
      if (waits.length > 0) return { is: 'waiting', for: waits };
      return { is: 'blocked', by: [...missingOf(draft, look), ...pausedBlocker(draft, look), ...blockers] };
    }
  }
}

function isSameStatus(one: TaskStatus, other: TaskStatus): boolean {
  if (one === other) return true;
  if (one.is !== other.is) return false;
  switch (one.is) {
    case 'running':
      return one.stale === (other as typeof one).stale;
    case 'clean':
      return one.known === (other as typeof one).known;
    case 'gone':
      return true;
    case 'inherited':
      return one.from === (other as typeof one).from;
    case 'failed':
      return one.attempt === (other as typeof one).attempt;
    case 'backing-off':
      return one.until === (other as typeof one).until && one.quiet === (other as typeof one).quiet;
    case 'waiting':
      return one.for.join(' ') === (other as typeof one).for.join(' ');
    case 'blocked':
      return JSON.stringify(one) === JSON.stringify(other);
  }
}

function missingOf(draft: Draft, look: Look): Blocker[] {
  if (look.hash !== undefined) return [];
  const resolution = resolutionOf(draft, look);
  if (resolution.ok) return [];
  const { view } = shownIn(draft, look.index);
  return resolution.missing.map(({ name, range, from }) => ({
    is: 'missing',
    name,
    range,
    from,
    versions: view.versions(name).map(({ version }) => version),
  }));
}
