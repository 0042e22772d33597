/**
 * Tries again while a server is away: it may be starting again, and a run that worked for hours must not be
 * lost for that. Everything that is no `unreachable` or `timeout` is thrown at once.
 *
 * What ends the patience is silence. A server that says that it is starting is being looked after, also when it is
 * killed again before it is up; and who asks seldom would miss one that is up for a moment.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { PiplError } from '@pipl/packl';

export interface Patience {
  readonly signal: AbortSignal;
  /** milliseconds without a word of the server; default 60 s */
  readonly limit?: number;
  /** called before each pause */
  readonly onPause?: (error: PiplError) => void;
}

const firstPause = 100;
const longestPause = 1_000;

/** @throws what `work` threw last; the signal's reason */
export async function withPatience<T>(work: () => Promise<T>, patience: Patience): Promise<T> {
  const { signal, limit = 60_000, onPause } = patience;
  let end = performance.now() + limit;
  for (let pause = firstPause; ; pause = Math.min(pause * 2, longestPause)) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof PiplError) || !error.retryable) throw error;
      if (error.code === 'PIPL_SERVER_STARTING') end = performance.now() + limit;
      if (performance.now() >= end) throw error;
      onPause?.(error);
    }
    const rest = Math.max(0, end - performance.now());
    await sleep(Math.min(pause, rest), undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}
