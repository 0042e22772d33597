/**
 * After every input, until nothing moves: what runs on withdrawn inputs is cancelled, what may run starts, what
 * is known is taken as it is, and the wave opens, is cut or closes.
 */
import { taskOf } from '@pipl/packl';
import { changeTask, read, taskRecordOf, write } from './draft.ts';
import type { Draft } from './draft.ts';
import { askAbove } from './flow.ts';
import type { Verdict } from './flow.ts';
import { lookAll, lookAt } from './look.ts';
import type { Look, Looks } from './look.ts';
import { endRun } from './end.ts';
import { keyOfRun, startRun } from './start.ts';
import type { Runnable } from './start.ts';
import { sameContent } from './same-content.ts';
import type { Blocker, RunRecord, TaskStatus } from './types.ts';
import { taskKey } from './types.ts';
import { current, viewOf } from './view.ts';
import { closeWave, cutWhenLapped, noteWoken, openWave } from './waves.ts';

export function settle(draft: Draft): void {
  for (let more = true; more;) {
    cancelWithdrawn(draft);
    const looks = lookAll(draft);
    for (const look of looks.values()) {
      noteWoken(draft, look);
      cutWhenLapped(draft, look);
    }
    let ask = askAbove(draft, looks);
    while (startWhatMay(draft, looks, ask)) ask = askAbove(draft, looks);
    more = closeWave(draft, writeStatuses(draft, looks, ask));
  }
}

function cancelWithdrawn(draft: Draft): void {
  if (!draft.rules.cancelWithdrawn) return;
  for (const record of draft.base.records.tasks.values()) {
    const { attempt } = taskRecordOf(draft, record.index, record.name);
    const run = attempt === undefined ? undefined : read(draft, 'runs', attempt);
    const gone = run === undefined ? undefined : withdrawnPin(draft, run);
    if (run === undefined || gone === undefined) continue;
    endRun(draft, run, { state: 'canceled', reason: `${gone} was withdrawn` });
    draft.effects.push({ do: 'cancel', attempt: run.attempt });
  }
}

/** Something that the run reads and that is no longer there. */
function withdrawnPin({ projection }: Draft, run: RunRecord): string | undefined {
  const view = viewOf(projection, run.index);
  return Object.keys(run.lock.pins).find((key) => {
    const at = key.indexOf('@', 1);
    return !view.versions(key.slice(0, at)).some(({ version }) => version === key.slice(at + 1));
  });
}

/** One pass over the tasks that have something to do; true when one of them moved. */
function startWhatMay(draft: Draft, looks: Map<string, Look>, ask: (look: Look) => Verdict): boolean {
  let moved = false;
  for (const look of looks.values()) {
    if (look.stands.is !== 'open' || look.lock === undefined) continue;
    const { waits, blockers } = ask(look);
    if (waits.length === 0 && blockers.length > 0) continue;
    openWave(draft);
    if (waits.length > 0) continue;
    const runnable: Runnable = { ...look, lock: look.lock };
    const known = knownResult(draft, runnable);
    if (known === undefined)
      startRun(draft, { ...runnable, record: taskRecordOf(draft, look.index, look.name) });
    else takeKnown(draft, runnable, known);
    looks.set(look.key, lookAt(draft, look.index, look.row));
    moved = true;
  }
  return moved;
}

function takeKnown(draft: Draft, { index, name, lock }: Runnable, known: RunRecord): void {
  const { tries: _, ...record } = taskRecordOf(draft, index, name);
  write(draft, 'tasks', taskKey(index, name), {
    ...record,
    success: { lock: lock.hash, attempt: known.attempt },
    status: { is: 'clean', known: true },
  });
}

/** A run of the same key whose products are what downstream would pick now. */
function knownResult(draft: Draft, look: Runnable): RunRecord | undefined {
  if (look.record.again === look.lock.hash) return undefined;
  const runKey = keyOfRun(look);
  const products = Object.values(taskOf(look.row.manifest)?.products ?? {});
  for (let n = 1; ; n += 1) {
    const run = read(draft, 'runs', `${runKey}.${n}`);
    if (run === undefined) return undefined;
    const result = new Map(
      [...(run.outcome?.published ?? []), ...(run.outcome?.unchanged ?? [])].map((one) => [
        one.name,
        one.version,
      ]),
    );
    if (products.every((name) => isInPlace(draft, look, { name, version: result.get(name) }))) return run;
  }
}

function isInPlace(
  { projection }: Draft,
  { index }: Look,
  { name, version }: { readonly name: string; readonly version: string | undefined },
): boolean {
  const now = current(projection, index, name);
  if (now === undefined || version === undefined) return false;
  if (now.version === version) return true;
  const made = projection.rows
    .get(name)
    ?.values()
    .find((row) => row.version === version);
  return made !== undefined && sameContent(made, now);
}

/** @returns is anything of the wave still to come? */
function writeStatuses(draft: Draft, looks: Looks, ask: (look: Look) => Verdict): boolean {
  let busy = false;
  for (const look of looks.values()) {
    const status = statusOf(draft, look, ask);
    const { is } = status;
    busy ||= is === 'running' || is === 'waiting' || is === 'backing-off';
    const record = taskRecordOf(draft, look.index, look.name);
    const rested = is === 'clean' && record.woken.length > 0;
    if (rested || JSON.stringify(record.status) !== JSON.stringify(status)) {
      changeTask(draft, look.index, look.name, { status, ...(rested ? { woken: [] } : {}) });
    }
    const { stands } = look;
    if (stands.is === 'running' && stands.stale !== stands.run.stale)
      write(draft, 'runs', stands.run.attempt, { ...stands.run, stale: stands.stale });
  }
  markGone(draft, new Set(looks.keys()));
  return busy;
}

function markGone(draft: Draft, there: ReadonlySet<string>): void {
  for (const [key, { index, name }] of draft.base.records.tasks) {
    if (there.has(key) || !draft.projection.handlers.includes(index)) continue;
    const { lock: _, version: __, ...record } = taskRecordOf(draft, index, name);
    if (record.status.is !== 'gone') write(draft, 'tasks', key, { ...record, status: { is: 'gone' } });
  }
}

function statusOf(draft: Draft, look: Look, ask: (look: Look) => Verdict): TaskStatus {
  const { stands, record } = look;
  switch (stands.is) {
    case 'running':
      return { is: 'running', stale: stands.stale };
    case 'clean':
      return record.status.is === 'clean' && record.status.known ? record.status : { is: 'clean' };
    case 'inherited':
      return { is: 'inherited', from: stands.from };
    case 'failed':
      return { is: 'failed', attempt: stands.attempt };
    case 'backing-off':
      return { is: 'backing-off', until: stands.until };
    case 'open': {
      const { waits, blockers } = ask(look);
      if (waits.length > 0) return { is: 'waiting', for: waits };
      return { is: 'blocked', by: [...missingOf(draft, look), ...blockers] };
    }
  }
}

function missingOf({ projection }: Draft, { index, resolution }: Look): Blocker[] {
  if (resolution.ok) return [];
  const view = viewOf(projection, index);
  return resolution.missing.map(({ name, range, from }) => ({
    is: 'missing',
    name,
    range,
    from,
    versions: view.versions(name).map(({ version }) => version),
  }));
}
