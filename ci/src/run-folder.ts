/**
 * Reads what a runner left in the folder of an attempt: its log, a piece at a time. Writes nothing.
 */
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { piplError } from '@pipl/packl';

const pieceSize = 256 * 1024;

export interface LogPiece {
  /** whole lines of NDJSON */
  readonly text: string;
  /** byte offset of the next piece */
  readonly next: number;
  readonly ended: boolean;
}

/** @param from byte offset, as an earlier piece's `next` gave it */
export async function readLog(runsDir: string, attempt: string, from: number): Promise<LogPiece> {
  if (!/^[A-Za-z0-9.]+$/.test(attempt)) throw noRun(attempt);
  const folder = join(runsDir, attempt);
  const ended = await exists(join(folder, 'result.json'));
  const file = join(folder, 'log.ndjson');
  if (!(await exists(file))) return { text: '', next: from, ended };
  await using handle = await open(file, 'r');
  const { bytesRead, buffer } = await handle.read(Buffer.alloc(pieceSize), 0, pieceSize, from);
  const whole = buffer.subarray(0, bytesRead).lastIndexOf(0x0a) + 1;
  return {
    text: buffer.toString('utf8', 0, whole),
    next: from + whole,
    ended: ended && whole === bytesRead && bytesRead < pieceSize,
  };
}

export const noRun = (attempt: string) =>
  piplError('notFound', 'PIPL_RUN_UNKNOWN', {
    what: `There is no run ${attempt}.`,
    why: 'The reactor of this project never made one of that name.',
    hint: '`pipl runs` lists them.',
  });

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
}
