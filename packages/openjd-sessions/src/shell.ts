/**
 * A running `/bin/sh` that obeys orders (`shell-script.ts`), as `shell-helper.ts` needs it, and the kind that runs as this
 * process's own user. The kind that runs as another user is in `user-shell.ts`.
 */
import { spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { constants } from 'node:os';

import { signalGroup } from './action-process.ts';
import type { ProgramEnd } from './action-process.ts';
import type { Variables } from './environment-variables.ts';
import { messageOf } from './errors.ts';
import { readyLoop } from './shell-script.ts';

export interface Shell {
  /** The process group of the shell and its actions, which it leads; undefined when it never started. */
  readonly group: number | undefined;
  /** Orders it to run the script. `turn` is how many have ended before. */
  go(turn: number): void;
  /** Tells it that no more orders come: it ends by itself, and leaves nothing that waits to be collected. */
  dismiss?(): void;
  /** To the whole group. Never called after the shell is gone: ids are used again. */
  signal(signal: 'SIGTERM' | 'SIGKILL'): void;
  /** An idle shell must not keep a program alive that forgot to clean up; a running action must. */
  keepAlive(alive: boolean): void;
  /** Takes what the shell says, and how it ended: once, and nothing after it. */
  listen(listener: ShellListener): void;
}

export interface ShellListener {
  readonly hear: (text: string) => void;
  readonly lose: (end: ProgramEnd) => void;
}

/** Starts one in a session and a group of its own; `script` is the path of a file, its variables are `base`. */
export function startOwnShell({
  script,
  base,
  cwd,
}: {
  script: string;
  base: Readonly<Variables>;
  cwd: string;
}): Shell {
  const child = spawn('/bin/sh', ['-c', readyLoop, 'sh', script], {
    cwd,
    env: base,
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const { stdin, stdout } = child;
  const handles = [child, ...[stdin, stdout].filter((stream) => stream instanceof Socket)];
  return {
    group: child.pid,
    go: (turn) => void stdin.write(`${turn}\n`),
    dismiss: () => void stdin.end(),
    signal: (signal) => {
      if (child.pid !== undefined) signalGroup(child.pid, signal);
    },
    keepAlive: (alive) => {
      for (const handle of handles) {
        if (alive) handle.ref();
        else handle.unref();
      }
    },
    listen: ({ hear, lose }) => {
      const end = (how: ProgramEnd) => {
        stdin.destroy();
        stdout.destroy();
        lose(how);
      };
      stdout.setEncoding('utf8').on('data', hear);
      child.on('error', (error) => end({ exitCode: undefined, problem: `/bin/sh: ${messageOf(error)}` }));
      child.on('exit', (code, signal) => end(endOf(code, signal)));
      // EPIPE: the shell is gone, and 'exit' says so with its reason.
      stdin.on('error', () => {});
    },
  };
}

/** How Node tells of an end, as one number. */
export function endOf(code: number | null, signal: NodeJS.Signals | null): ProgramEnd {
  return { exitCode: signal ? -constants.signals[signal] : (code ?? undefined) };
}
