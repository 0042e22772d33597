/**
 * Turns a script's action into a program to start: files written, format strings
 * resolved, times and stop method read off. What fails here fails the action.
 */
import { resolveFormatString } from '@pipl/openjd-model';
import type { Action, SymbolTable } from '@pipl/openjd-model';

import type { PreparedAction } from './action-run.ts';
import { removeFiles, writeEmbeddedFile } from './embedded-files.ts';
import type { PlacedFile } from './embedded-files.ts';
import type { Variables } from './environment-variables.ts';
import type { SessionLog } from './log.ts';
import type { StopMethod } from './stop-plan.ts';

/** Seconds between SIGTERM and SIGKILL when the template names none: tasks, environments. */
export const defaultNotifySeconds = { task: 120, environment: 30 } as const;
/** Seconds an `onExit` may take when the template names none. */
export const defaultExitTimeoutSeconds = 300;

export interface ActionToPrepare {
  readonly action: Action;
  readonly files: readonly PlacedFile[];
  readonly symbols: SymbolTable;
  readonly variables: Variables;
  readonly mayLeaveDaemons: boolean;
  readonly defaultTimeoutSeconds?: number;
}

/** Writes the files and resolves the command. @throws what the file system or a format string refuses */
export function prepareAction(
  { action, files, symbols, variables, mayLeaveDaemons, defaultTimeoutSeconds }: ActionToPrepare,
  log: SessionLog,
): PreparedAction {
  removeFiles(files);
  for (const placed of files) {
    writeEmbeddedFile(placed, resolveFormatString(placed.file.data, symbols));
    log.write('FILE_PATH', `Wrote ${placed.file.name} to ${placed.path}`);
  }
  return {
    program: {
      command: resolveFormatString(action.command, symbols),
      args: (action.args ?? []).map((arg) => resolveFormatString(arg, symbols)),
      variables,
      mayLeaveDaemons,
    },
    timeoutSeconds: action.timeout ?? defaultTimeoutSeconds,
  };
}

/** How the action wants to be stopped; without `cancelation` it is killed at once. */
export function stopMethodOf({ cancelation }: Action, defaultSeconds: number): StopMethod {
  if (cancelation?.mode !== 'NOTIFY_THEN_TERMINATE') return { mode: 'TERMINATE' };
  return { mode: 'NOTIFY', periodSeconds: cancelation.notifyPeriodInSeconds ?? defaultSeconds };
}
