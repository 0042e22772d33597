/**
 * Starts an action's program with Node's own spawn: slower than the shell helper,
 * and exact where a shell is not (odd variable names, variables the shell owns).
 * The program leads its own session and process group.
 */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

import { signalGroup } from './action-process.ts';
import type { ActionProcess, ProgramEnd, ProgramStart } from './action-process.ts';
import { messageOf } from './errors.ts';
import { endOf } from './shell.ts';

/** @throws a system error when the pipe cannot be opened */
export function startPlainly({
  command,
  args,
  variables,
  added,
  cwd,
  outputPath,
}: ProgramStart): ActionProcess {
  const started = Promise.withResolvers<number | undefined>();
  const ended = Promise.withResolvers<ProgramEnd>();
  const output = openSync(outputPath, 'w');
  try {
    const child = spawn(command, args, {
      cwd,
      env: { ...variables, ...added },
      detached: true,
      stdio: ['ignore', output, output],
    });
    let group = child.pid;
    child.on('spawn', () => started.resolve(child.pid));
    child.on('error', (error) => {
      started.resolve(undefined);
      ended.resolve({ exitCode: undefined, problem: messageOf(error) });
    });
    child.on('exit', (code, signal) => {
      // From here on the number may belong to somebody else.
      group = undefined;
      ended.resolve(endOf(code, signal));
    });
    return {
      started: started.promise,
      ended: ended.promise,
      signal: (signal) => {
        if (group !== undefined) signalGroup(group, signal);
      },
    };
  } finally {
    closeSync(output);
  }
}
