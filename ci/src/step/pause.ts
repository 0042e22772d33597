/**
 * Pauses: what is paused starts no run, and what reads its products is blocked by it. What runs goes on; what changes
 * meanwhile is taken in, so that one run on the newest inputs follows when somebody resumes it.
 *
 * The storm breaker pauses by itself what starts without end: a task far too often within an hour, or a wave of more
 * runs than a production has. A person has to look then: nothing that pipl could do would be right.
 */
import { metaOf, openWaveOf, read, write } from './draft.ts';
import type { Draft } from './draft.ts';
import type { Look } from './look.ts';
import type { Blocker, Input, Pause, Paused, State } from './types.ts';

type Named = Pick<Look, 'index' | 'name'>;

const isWhole = ({ task, index }: Paused): boolean => task === undefined && index === undefined;

const isSame = (one: Paused, other: Paused): boolean => one.task === other.task && one.index === other.index;

/** Is this pause meant? A task that is named alone: in whatever index it is paused. */
export const isMeant = (pause: Paused, what: Paused): boolean =>
  pause.task === what.task &&
  (pause.index === what.index || (what.task !== undefined && what.index === undefined));

const holds = ({ task, index }: Paused, look: Named): boolean =>
  (task === undefined || task === look.name) && (index === undefined || index === look.index);

/** The first pause that holds this task. */
export const pauseOf = ({ records }: State, look: Named): Pause | undefined =>
  records.meta.get('reactor')?.paused?.find((pause) => holds(pause, look));

/** The first pause of this task, or of what its index runs. Of everything: then what waits goes on waiting. */
export const pauseAlone = ({ records, rules }: Draft, look: Named): Pause | undefined =>
  rules.holdPaused
    ? records.meta.get('reactor')?.paused?.find((pause) => !isWhole(pause) && holds(pause, look))
    : undefined;

/** Is everything paused? Then what was submitted and has not started waits too. */
export const isHeld = ({ records }: State): boolean =>
  records.meta.get('reactor')?.paused?.some(isWhole) === true;

export function pausedBlocker(draft: Draft, look: Named): Blocker[] {
  const pause = draft.rules.holdPaused ? pauseOf(draft, look) : undefined;
  if (pause === undefined) return [];
  const { by, reason } = pause;
  return [{ is: 'paused', task: look.name, by, ...(reason === undefined ? {} : { reason }) }];
}

/** Says it anew when it is paused already. */
export function takePause(draft: Draft, { pause }: Pick<Input & { readonly is: 'pause' }, 'pause'>): void {
  const { paused = [], ...meta } = metaOf(draft);
  const others = paused.filter((one) => !isSame(one, pause));
  write(draft, 'meta', 'reactor', { ...meta, paused: [...others, pause] });
  lookAtHeld(draft, pause);
  if (isWhole(pause)) draft.effects.push({ do: 'hold', held: true });
}

export function takeResume(draft: Draft, { what, by, at }: Input & { readonly is: 'resume' }): void {
  const { paused = [], ...meta } = metaOf(draft);
  const others = paused.filter((one) => !isMeant(one, what));
  if (others.length === paused.length) return;
  draft.cause = { is: 'resume', by, at };
  write(draft, 'meta', 'reactor', others.length === 0 ? meta : { ...meta, paused: others });
  lookAtHeld(draft, what);
  forgive(draft, what);
  if (isWhole(what)) draft.effects.push({ do: 'hold', held: false });
}

/** Whoever is clean or has begun stands as before; what reads from those who are held is asked again with them. */
function lookAtHeld({ records, lens }: Draft, what: Paused): void {
  for (const [key, { index, name, status, attempt }] of records.tasks) {
    const isWaiting = attempt !== undefined && records.runs.get(attempt)!.state === 'waiting';
    const isOpen = status.is === 'blocked' || status.is === 'waiting' || status.is === 'backing-off';
    if ((isOpen || isWaiting) && holds(what, { index, name }) && lens.places.has(index)) lens.dirty.add(key);
  }
}

/** Somebody has looked: the counts of the storm breaker begin anew. */
function forgive(draft: Draft, what: Paused): void {
  if (what.task !== undefined) {
    for (const [key, { pace, ...record }] of draft.records.tasks)
      if (pace !== undefined && holds(what, record)) write(draft, 'tasks', key, record);
    return;
  }
  const wave = openWaveOf(draft);
  if (wave !== undefined && what.index === undefined)
    write(draft, 'waves', wave.id, { ...wave, forgiven: runsOf(draft, wave.id) });
}

const runsOf = ({ lens }: Draft, wave: string): number => lens.tallies.runsOf.get(wave)?.length ?? 0;

const hour = 3_600_000;

/** How often a task was started within the hour, this time included. */
export function paceOf(
  { at }: Draft,
  pace: { readonly since: string; readonly starts: number } | undefined,
): { readonly since: string; readonly starts: number } {
  if (pace === undefined || Date.parse(at) - Date.parse(pace.since) >= hour) return { since: at, starts: 1 };
  return { since: pace.since, starts: pace.starts + 1 };
}

/**
 * Asked before each start. @returns is it paused now? Then it may not start
 */
export function breakStorm(draft: Draft, { key, index, name }: Look): boolean {
  const { startsInAnHour, runsInAWave } = draft.projection.limits;
  const { starts } = paceOf(draft, read(draft, 'tasks', key)?.pace);
  const wave = openWaveOf(draft);
  const by = { by: 'pipl', at: draft.at };
  if (starts > startsInAnHour) {
    const reason = `it was started ${startsInAnHour} times within an hour`;
    takePause(draft, { pause: { task: name, index, ...by, reason } });
  } else if (wave !== undefined && runsOf(draft, wave.id) - (wave.forgiven ?? 0) >= runsInAWave) {
    const reason = `wave ${wave.id} has started ${runsOf(draft, wave.id)} runs, more than its budget`;
    takePause(draft, { pause: { ...by, reason } });
  } else return false;
  return true;
}
