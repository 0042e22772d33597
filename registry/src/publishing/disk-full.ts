/**
 * What the disk says, in our words. A full one is a state, not a bug: reads go on, writes are refused until
 * there is space again. A failing one is never taken for success.
 */
import { PiplError, piplError } from '@pipl/packl';

const sqliteFull = 13;
const sqliteIoError = 10;
const postgresFull = '53100';

interface Coded {
  readonly code?: unknown;
  /** of SQLite; the low byte is the kind */
  readonly errcode?: unknown;
}

const codesOf = (error: unknown) => {
  const { code, errcode } = (typeof error === 'object' && error !== null ? error : {}) as Coded;
  return { code, sqlite: typeof errcode === 'number' ? errcode & 0xff : undefined };
};

/** After it nobody knows whether the commit is on disk. */
export const isIoError = (error: unknown): boolean => {
  const { code, sqlite } = codesOf(error);
  return code === 'EIO' || sqlite === sqliteIoError;
};

/** There may be room again: nothing was written. */
export const isDiskFull = (error: unknown): boolean => {
  const { code, sqlite } = codesOf(error);
  if (error instanceof PiplError) return code === 'PIPL_DISK_FULL';
  return code === 'ENOSPC' || code === 'EDQUOT' || sqlite === sqliteFull || code === postgresFull;
};

/** PIPL_DISK_FULL or PIPL_DISK_FAILS where that is what it is; anything else as it came. */
export function inDiskWords(error: unknown): unknown {
  if (error instanceof PiplError) return error;
  if (isDiskFull(error)) {
    return piplError('unreachable', 'PIPL_DISK_FULL', {
      what: "The server's disk is full.",
      why: 'Nothing was written. What is there can still be read.',
      hint: 'Make space where the project keeps its state, then do the same again.',
      cause: error,
    });
  }
  if (!isIoError(error)) return error;
  return piplError('unreachable', 'PIPL_DISK_FAILS', {
    what: "The server's disk fails.",
    why: `It could not be made sure that this was written: ${(error as Error).message}.`,
    hint: "Look at the server's disk before anything else; `pipl fsck` says what it holds.",
    cause: error,
  });
}
