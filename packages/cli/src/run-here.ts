/** Runs a program in this terminal, as if the person had typed it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { exitStatuses, piplError } from '@pipl/packl';

const handedOn = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** @returns its exit status (128 + signal when one ended it) @throws PIPL_NO_PROGRAM (exit 3) */
export async function runHere(
  [file, ...args]: readonly string[],
  { cwd, env }: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<number> {
  let running: ChildProcess | undefined;
  // A Ctrl-C of the terminal reaches the program by itself; what is sent to us alone is meant for it too.
  const handOn = (name: NodeJS.Signals) => {
    if (name !== 'SIGINT' || !process.stdin.isTTY) running?.kill(name);
  };
  for (const name of handedOn) process.on(name, handOn);
  try {
    return await new Promise<number>((resolve, reject) => {
      const child = spawn(file!, args, { cwd, env, stdio: 'inherit' });
      running = child;
      child.once('error', (cause: NodeJS.ErrnoException) =>
        reject(cause.code === 'ENOENT' ? noProgram(file!, cause) : cause),
      );
      child.once('close', (status, signal) =>
        resolve(status ?? 128 + (signal === null ? exitStatuses.bug : constants.signals[signal])),
      );
    });
  } finally {
    for (const name of handedOn) process.off(name, handOn);
  }
}

const noProgram = (file: string, cause: unknown) =>
  piplError('notFound', 'PIPL_NO_PROGRAM', {
    what: `There is no program ${file}.`,
    why: "Neither the workspace's packls nor the PATH have it.",
    hint: 'Add the packl that brings it: pipl packl add NAME',
    cause,
  });
