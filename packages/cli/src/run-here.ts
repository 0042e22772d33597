/** Runs a program in this terminal, as if the person had typed it. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { exitStatuses, piplError } from '@pipl/packl';

/** @returns its exit status (128 + signal when one ended it) @throws PIPL_NO_PROGRAM (exit 3) */
export async function runHere(
  [file, ...args]: readonly string[],
  { cwd, env }: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<number> {
  const ignore = () => {}; // Ctrl-C is for the program
  process.on('SIGINT', ignore);
  try {
    return await new Promise<number>((resolve, reject) => {
      const child = spawn(file!, args, { cwd, env, stdio: 'inherit' });
      child.once('error', (cause: NodeJS.ErrnoException) =>
        reject(cause.code === 'ENOENT' ? noProgram(file!, cause) : cause),
      );
      child.once('close', (status, signal) =>
        resolve(status ?? 128 + (signal === null ? exitStatuses.bug : constants.signals[signal])),
      );
    });
  } finally {
    process.off('SIGINT', ignore);
  }
}

const noProgram = (file: string, cause: unknown) =>
  piplError('notFound', 'PIPL_NO_PROGRAM', {
    what: `There is no program ${file}.`,
    why: "Neither the workspace's packls nor the PATH have it.",
    hint: 'Add the packl that brings it: pipl packl add NAME',
    cause,
  });
