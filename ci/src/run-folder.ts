/**
 * Reads what a runner left in the folder of an attempt: its log, a piece at a time. Writes nothing.
 */
import { open, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { piplError } from '@pipl/packl';

const pieceSize = 256 * 1024;

export interface LogPiece {
  /** whole lines of NDJSON; the last one of a run that was killed may be torn */
  readonly text: string;
  /** byte offset of the next piece */
  readonly next: number;
  readonly ended: boolean;
}

/**
 * @param from byte offset, as an earlier piece's `next` gave it
 * @param over the reactor knows that the run has ended: nobody will make its folder any more
 */
export async function readLog(
  runsDir: string,
  attempt: string,
  { from, over }: { from: number; over: boolean },
): Promise<LogPiece> {
  if (!/^[A-Za-z0-9.]+$/.test(attempt)) throw noRun(attempt);
  const folder = join(runsDir, attempt);
  const ended = (await exists(join(folder, 'result.json'))) || (over && !(await exists(folder)));
  const file = join(folder, 'log.ndjson');
  if (!(await exists(file))) return { text: '', next: from, ended };
  await using handle = await open(file, 'r');
  const piece = await readPiece(handle, from);
  const whole = piece.bytes.lastIndexOf(0x0a) + 1;
  // The last line of a run that was killed may be torn: nobody will finish it.
  const given = ended && piece.isLast ? piece.bytes.length : whole;
  return { text: piece.bytes.toString('utf8', 0, given), next: from + given, ended: ended && piece.isLast };
}

/** Up to the end of the file, or as much as it takes for one whole line. */
async function readPiece(handle: FileHandle, from: number): Promise<{ bytes: Buffer; isLast: boolean }> {
  for (let size = pieceSize; ; size *= 2) {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(size), 0, size, from);
    const bytes = buffer.subarray(0, bytesRead);
    if (bytesRead < size || bytes.includes(0x0a)) return { bytes, isLast: bytesRead < size };
  }
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
