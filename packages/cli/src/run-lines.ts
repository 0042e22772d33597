/** A run as one line: state, task, progress, time, and what woke it. Pure. */
import type { listRuns } from '@pipl/project';
import { duration } from './sizes.ts';
import type { Terminal } from './terminal.ts';

export type Run = Awaited<ReturnType<typeof listRuns>>[number];

export const marks = {
  waiting: '…',
  running: '▸',
  succeeded: '✓',
  unchanged: '=',
  failed: '✗',
  canceled: '∅',
  lost: '?',
  superseded: '↷',
} as const;

const styles = {
  waiting: 'dim',
  running: 'cyan',
  succeeded: 'green',
  unchanged: 'dim',
  failed: 'red',
  canceled: 'yellow',
  lost: 'red',
  superseded: 'dim',
} as const;

/** @param now milliseconds since 1970, for what still runs */
export function runLine(run: Run, now: number, { paint }: Pick<Terminal, 'paint'>): string {
  const { state, task, taskVersion, progress, message, reason } = run;
  const instead = run.replacedBy === undefined ? '' : `; ticket ${run.replacedBy} runs in its place`;
  const percent = state === 'running' && progress !== undefined ? ` ${Math.round(progress)} %` : '';
  const why = reason ?? (state === 'running' ? message : undefined) ?? becauseOf(run);
  const said = `${why}${instead}${reusedOf(run)}`;
  const what = run.purpose === undefined ? '' : `${run.handler ?? run.purpose} of `;
  const head = `${marks[state]} ${`${what}${task}@${taskVersion}`.padEnd(34)} ${`${state}${percent}`.padEnd(13)}`;
  return `${paint(styles[state], head)} ${timeOf(run, now).padStart(8)}  ${said}`.trimEnd();
}

/** From its start to its end, or to now; from its submission while it waits. */
function timeOf({ submittedAt, startedAt, endedAt }: Run, now: number): string {
  const end = endedAt === undefined ? now : Date.parse(endedAt);
  return duration(Math.max(0, end - Date.parse(startedAt ?? submittedAt)));
}

/** What changed among its inputs; a first run has nothing to compare them with. */
function becauseOf({ because, cause }: Run): string {
  const changed = because.filter(({ from }) => from !== undefined);
  if (changed.length > 0) return changed.map(({ name, from, to }) => `${name} ${from} → ${to}`).join(', ');
  return because.length > 0 ? 'first run' : `change ${cause.seq}`;
}

/** What earlier runs had made already. */
const reusedOf = ({ reused = [] }: Run): string =>
  reused
    .map(({ step, points, reused: count }) => `; ${count} of ${points} points of ${step} from earlier runs`)
    .join('');

export const hasEnded = ({ state }: Run): boolean => state !== 'waiting' && state !== 'running';
