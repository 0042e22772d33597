/** Handlers, and what they did, as people read it. Pure. */
import type { HandlerView, HandlingView } from '@pipl/registry-client';
import { duration } from './sizes.ts';

export function handlerLine({
  index,
  name,
  kind,
  promoteTo,
  granted,
  running,
  held,
  dead,
}: HandlerView): string {
  const wakes = kind === 'process' ? 'wakes the tasks whose inputs change' : '';
  const goes =
    promoteTo === undefined ? wakes : `promotes to ${promoteTo}${granted === true ? '' : ' (not granted)'}`;
  const counts = [
    running > 0 ? `${running} under way` : '',
    held > 0 ? `${held} waiting for a gate` : '',
    dead > 0 ? `${dead} given up` : '',
  ].filter(Boolean);
  return [index, name, kind, goes, counts.join(', ')].join('\t').trimEnd();
}

const words: Readonly<Record<HandlingView['state'], string>> = {
  running: 'runs',
  judging: 'is being told',
  promoting: 'is being promoted',
  held: 'passed, waits for the gate',
  refused: 'passed, is not let in',
  promoted: 'promoted',
  passed: 'passed',
  failed: 'failed',
  done: 'done',
  superseded: 'superseded',
  gone: 'gone',
  canceled: 'cancelled',
  dead: 'given up',
};

export function handlingLine(handling: HandlingView): string {
  const {
    id,
    index,
    handler,
    name,
    version,
    state,
    promoteTo,
    promoted,
    reason,
    missing = [],
    trial,
  } = handling;
  const where = state === 'promoted' ? ` to ${promoteTo ?? ''} (change ${promoted ?? ''})` : '';
  const why = [reason, ...missing].filter(Boolean).join(' ');
  const what = `${handler}@${index}${trial === true ? ' (tried)' : ''}`;
  return `${id}  ${what}  ${name}@${version}  ${words[state]}${where}${why === '' ? '' : `: ${why}`}`;
}

/** Every check, and of one that failed what it said. */
export const reportLines = ({ checks }: Pick<HandlingView, 'checks'>): string[] =>
  checks.flatMap(({ check, of, passed, seconds, message, figures, log = [] }) => [
    `  ${passed ? '✓' : '✗'} ${check}  ${of}  ${duration(seconds * 1000)}${message === undefined ? '' : `  ${message}`}`,
    ...Object.entries(figures ?? {}).map(([figure, value]) => `      ${figure}: ${value}`),
    ...(passed ? [] : log.map((line) => `      | ${line}`)),
  ]);
