/**
 * Tries again while a server is away: it may be starting again, and a run that worked for hours must not be
 * lost for that. Everything that is no `unreachable` or `timeout` is thrown at once.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { PiplError } from '@pipl/packl';

export interface Patience {
  readonly signal: AbortSignal;
  /** milliseconds in all; default 60 s */
  readonly limit?: number;
  /** called before each pause */
  readonly onPause?: (error: PiplError) => void;
}

const firstPause = 100;
const longestPause = 5_000;

/** @throws what `work` threw last; the signal's reason */
export async function withPatience<T>(work: () => Promise<T>, patience: Patience): Promise<T> {
  const { signal, limit = 60_000, onPause } = patience;
  const end = performance.now() + limit;
  for (let pause = firstPause; ; pause = Math.min(pause * 2, longestPause)) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof PiplError) || !error.retryable || performance.now() + pause > end) throw error;
      onPause?.(error);
    }
    await sleep(pause, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}
