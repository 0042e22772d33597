/**
 * A wave is everything one change caused: it opens when something has to run, takes in what changes meanwhile,
 * and closes when nothing is waiting or running. One that would never end is cut: it sees what there was, and
 * what it makes itself; what came later is the next one.
 */
import { changeTask, metaOf, openWaveOf, read, recordOf, show, write } from './draft.ts';
import type { Draft } from './draft.ts';
import type { Look } from './look.ts';
import { afterOf } from './state.ts';
import type { Cause, HeldRecord, ProjectionWrite, TaskRecord, WaveRecord } from './types.ts';
import { heldKey, wokenKey } from './types.ts';
import { restOf } from './policy-times.ts';
import { projected } from './projection.ts';
import { mayBeTakenBack } from './supersede.ts';

/** At the third stale run of one task the wave is cut. */
const lapsInAWave = 3;

export function openWave(draft: Draft): void {
  const meta = metaOf(draft);
  if (meta.wave !== undefined) return;
  const id = `w${meta.waves + 1}`;
  write(draft, 'waves', id, {
    id,
    state: 'open',
    cause: draft.cause,
    openedAt: draft.at,
  });
  write(draft, 'meta', 'reactor', { ...meta, wave: id, waves: meta.waves + 1 });
}

/** Remembers that the task's inputs are not what they were, and what did it. */
export function noteWoken(draft: Draft, look: Look): void {
  const { row, hash } = look;
  const known = read(draft, 'tasks', look.key);
  if (
    known !== undefined &&
    known.lock === hash &&
    known.version === row.version &&
    known.status.is !== 'gone'
  )
    return;
  const { lock: _, ...record } = recordOf(draft, look);
  const changed: TaskRecord = {
    ...record,
    version: row.version,
    woken: wokenBy(record.woken, draft.cause),
    ...(hash === undefined ? {} : { lock: hash }),
    ...(record.status.is === 'gone' ? { status: { is: 'clean' } } : {}),
  };
  const rest = restOf(draft, row, changed);
  write(draft, 'tasks', look.key, rest === undefined ? changed : { ...changed, ...rest });
  if (draft.cause.is !== 'change') return;
  const woke = draft.woke.get(draft.cause.seq) ?? new Set();
  draft.woke.set(draft.cause.seq, woke.add(look.key));
}

/** The newest cause of each name: a task that cannot run must not gather causes without end. */
function wokenBy(woken: readonly Cause[], cause: Cause): Cause[] {
  const others = woken.filter(
    (one) => one.is !== cause.is || (one.is === 'change' && cause.is === 'change' && one.name !== cause.name),
  );
  return [...others, cause];
}

/** A lap is a run whose inputs changed while it ran; what can still be taken back is none. */
export function cutWhenLapped(draft: Draft, look: Look): void {
  const { stands } = look;
  if (stands.is !== 'running' || !stands.stale || mayBeTakenBack(draft, stands.run)) return;
  const wave = openWaveOf(draft);
  if (wave === undefined) return;
  const { inWave } = recordOf(draft, look);
  const before = inWave?.wave === wave.id ? inWave : { wave: wave.id, starts: 0, laps: [] };
  if (before.laps.includes(stands.run.attempt)) return;
  const laps = [...before.laps, stands.run.attempt];
  changeTask(draft, look, { inWave: { ...before, laps } });
  if (laps.length >= lapsInAWave && wave.cut === undefined)
    write(draft, 'waves', wave.id, { ...wave, cut: metaOf(draft).cursor });
}

/**
 * Closes the open wave unless it is busy, and lets in what it held back.
 * @returns did something come in? Then there is more to settle.
 */
export function closeWave(draft: Draft, busy: boolean): boolean {
  const wave = openWaveOf(draft);
  if (wave === undefined) return false;
  const noted = noteChanges(draft, wave);
  if (busy) return false;
  write(draft, 'waves', wave.id, { ...noted, state: 'closed', closedAt: draft.at });
  const { wave: _, ...meta } = metaOf(draft);
  write(draft, 'meta', 'reactor', meta);
  return draft.rules.releaseHeld && letIn(draft);
}

function noteChanges(draft: Draft, wave: WaveRecord): WaveRecord {
  let first = wave.first ?? Infinity;
  for (const [seq, woke] of draft.woke) {
    first = Math.min(first, seq);
    const key = wokenKey(wave.id, seq);
    const before = read(draft, 'woken', key)?.woke ?? [];
    write(draft, 'woken', key, { wave: wave.id, seq, woke: [...new Set([...before, ...woke])] });
  }
  draft.woke.clear();
  if (first === (wave.first ?? Infinity)) return wave;
  const noted = { ...wave, first };
  write(draft, 'waves', wave.id, noted);
  return noted;
}

function letIn(draft: Draft): boolean {
  const held = [...draft.records.held.values()].toSorted((a, b) => a.cause.seq - b.cause.seq);
  for (const one of held) {
    show(draft, afterOf(one));
    write(draft, 'held', heldKey(one.table, one.key), undefined);
    draft.cause = one.cause;
  }
  return held.length > 0;
}

/** Keeps a change of the projection from the open wave. */
export function hold(draft: Draft, change: ProjectionWrite, cause: Cause & { readonly is: 'change' }): void {
  const key = heldKey(change.table, change.key);
  const known = read(draft, 'held', key);
  write(draft, 'held', key, heldOf(draft, change, known?.cause ?? cause));
}

function heldOf({ projection }: Draft, change: ProjectionWrite, cause: HeldRecord['cause']): HeldRecord {
  const { key } = change;
  if (change.table === 'indexes') {
    return { table: 'indexes', key, before: projection.indexes, after: change.value, cause };
  }
  if (change.table === 'rows') {
    const before = projected(projection, 'rows', key);
    const after = change.value;
    return {
      table: 'rows',
      key,
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
      cause,
    };
  }
  const before = projected(projection, 'tags', key);
  const after = change.value;
  return {
    table: 'tags',
    key,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    cause,
  };
}
