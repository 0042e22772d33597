/** What is paused, as people read it. Pure. */
import type { PausedView, PauseView } from '@pipl/registry-client';

export const isWhole = ({ task, index }: PausedView): boolean => task === undefined && index === undefined;

/** `everything`, `everything in root/PROJ`, `@film/comp`, `@film/comp in root/PROJ` */
export const pausedWords = ({ task, index }: PausedView): string =>
  `${task ?? 'everything'}${index === undefined ? '' : ` in ${index}`}`;

const minutes = 'YYYY-MM-DDTHH:MM'.length;

/** `@film/comp, by root since 2026-11-24 03:10 UTC: the farm is moved` */
export function pauseLine(pause: PauseView): string {
  const who = pause.by === 'pipl' ? 'pipl itself' : pause.by;
  const since = pause.at.slice(0, minutes).replace('T', ' ');
  const why = pause.reason === undefined ? '' : `: ${pause.reason}`;
  return `${pausedWords(pause)}, by ${who} since ${since} UTC${why}`;
}

/** For `pipl status` and its like: one line each, the first with the word in front. */
export const pausedLines = (pauses: readonly PauseView[], width: number): string[] =>
  pauses.map((pause) => `${'paused'.padEnd(width)}${pauseLine(pause)}`);

export function resumeLine(what: PausedView): string {
  const { task, index } = what;
  const words = [
    task,
    index === undefined ? undefined : `--index ${index}`,
    isWhole(what) ? '--all' : undefined,
  ];
  return ['pipl resume', ...words].filter((word) => word !== undefined).join(' ');
}
