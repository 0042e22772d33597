/**
 * Turns a script's action into a program to start: files written, format strings
 * resolved, times and stop method read off. What fails here fails the action.
 */
import { resolveArguments, resolveFormatString, resolveOptional } from '@pipl/openjd-model';
import type { SymbolTable, WrapAction } from '@pipl/openjd-model';

import type { PreparedAction } from './action-run.ts';
import { removeFiles, writeEmbeddedFile } from './embedded-files.ts';
import type { PlacedFile } from './embedded-files.ts';
import type { Variables } from './environment-variables.ts';
import { SessionValueError } from './errors.ts';
import type { SessionLog } from './log.ts';
import { withoutRedactedValues } from './messages.ts';
import type { StopMethod } from './stop-plan.ts';

/** What an action is there for decides what holds when the template says nothing. */
export type Position = 'onRun' | 'onEnter' | 'onExit' | 'onWrapEnvEnter' | 'onWrapTaskRun' | 'onWrapEnvExit';

/** Seconds an action may take when the template names none. Source: `<Action>`, Template Schemas 5. */
const defaultTimeouts: Partial<Record<Position, number>> = { onExit: 300, onWrapEnvExit: 300 };

/** Seconds between SIGTERM and SIGKILL when the template names none. Source: Template Schemas 5.3.2. */
const defaultNotifySeconds = (position: Position): number => (position === 'onRun' ? 120 : 30);

const longestNotifySeconds = 600;

/** An action with what it needs to be understood. */
export interface ScriptedAction {
  readonly action: WrapAction;
  readonly position: Position;
  readonly files: readonly PlacedFile[];
  readonly symbols: SymbolTable;
}

export interface CommandLine {
  readonly command: string;
  readonly args: readonly string[];
}

export type Timing = Pick<PreparedAction, 'timeoutSeconds' | 'stopMethod'>;

/** Writes the files of its script. @throws what the file system or a format string refuses */
export function writeFiles({ files, symbols }: ScriptedAction, log: SessionLog): void {
  removeFiles(files);
  for (const placed of files) {
    const data = resolveFormatString(placed.file.data, symbols);
    writeEmbeddedFile(placed, data);
    log.write('FILE_PATH', `Wrote ${placed.file.name} to ${placed.path}`);
    log.write('FILE_CONTENTS', withoutRedactedValues(data), 'DEBUG');
  }
}

/** @throws what a format string refuses */
export const commandOf = ({ action, symbols }: ScriptedAction): CommandLine => ({
  command: resolveFormatString(action.command, symbols),
  args: resolveArguments(action.args ?? [], symbols),
});

/** How long it may take, and how it wants to be stopped. @throws SessionValueError, what a format string refuses */
export function timingOf({ action, position, symbols }: ScriptedAction): Timing {
  const timeoutSeconds = secondsOf(action.timeout, symbols) ?? defaultTimeouts[position];
  return { timeoutSeconds, stopMethod: stopMethodOf({ action, position, symbols }) };
}

/** Without `cancelation`, or with a mode that is null, an action is killed at once. */
export function stopMethodOf({
  action: { cancelation },
  position,
  symbols,
}: Omit<ScriptedAction, 'files'>): StopMethod {
  const mode = cancelation && resolveOptional(cancelation.mode, symbols);
  if (mode === undefined || mode === 'TERMINATE') return { mode: 'TERMINATE' };
  if (mode !== 'NOTIFY_THEN_TERMINATE') throw wrongMode(mode);
  const periodSeconds = secondsOf(cancelation?.notifyPeriodInSeconds, symbols, longestNotifySeconds);
  return { mode: 'NOTIFY', periodSeconds: periodSeconds ?? defaultNotifySeconds(position) };
}

function secondsOf(
  value: number | string | undefined,
  symbols: SymbolTable,
  most = Infinity,
): number | undefined {
  if (typeof value !== 'string') return value;
  const text = resolveOptional(value, symbols);
  if (text === undefined) return undefined;
  const seconds = /^\s*\+?\d{1,15}\s*$/.test(text) ? Number(text) : 0;
  if (seconds >= 1 && seconds <= most) return seconds;
  throw new SessionValueError(`${JSON.stringify(text)} is no time in seconds`, {
    why: `${value} must become a whole number from 1${most === Infinity ? '' : ` to ${most}`}, or null.`,
    hint: 'Give a number of seconds, or leave the field out.',
  });
}

const wrongMode = (mode: string) =>
  new SessionValueError(`An action cannot be canceled by ${JSON.stringify(mode)}`, {
    why: 'The mode must become TERMINATE, NOTIFY_THEN_TERMINATE or null.',
    hint: 'Mend the `cancelation` of the action.',
  });

/** Everything of an action that wraps nothing and is not wrapped. */
export function prepareAction(
  scripted: ScriptedAction,
  { variables, mayLeaveDaemons }: { variables: Variables; mayLeaveDaemons: boolean },
  log: SessionLog,
): PreparedAction {
  writeFiles(scripted, log);
  return { program: { ...commandOf(scripted), variables, mayLeaveDaemons }, ...timingOf(scripted) };
}
