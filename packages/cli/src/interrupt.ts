/** Ctrl-C: once ends politely, a second time at once. */
import { exitStatuses } from '@pipl/packl';

/** Thrown when a command ended because the person interrupted it (exit 130). */
export class Interrupted extends Error {}

/** Runs `work` with a signal that Ctrl-C aborts. @throws Interrupted after a Ctrl-C */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const onInterrupt = () => {
    if (stop.signal.aborted) process.exit(exitStatuses.interrupted);
    stop.abort();
  };
  process.on('SIGINT', onInterrupt);
  try {
    const result = await work(stop.signal);
    if (stop.signal.aborted) throw new Interrupted();
    return result;
  } catch (error) {
    throw stop.signal.aborted ? new Interrupted() : error;
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}
