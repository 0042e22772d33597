/** Content gets its rows: in a transaction in which nobody is taking it away. */
import { setTimeout as pause } from 'node:timers/promises';
import { PiplError } from '@pipl/packl';
import type { Database, Queries } from '../state/tables.ts';
import type { Hold } from './blobs.ts';

/** Milliseconds. Whoever takes content away needs two requests to the bucket for it. */
const between = 250;
const tries = 40;

type Work<T> = (tx: Queries) => Promise<T>;

/**
 * @param commit runs a transaction
 * @throws what `work` throws; PIPL_CONTENT_GOING when the content is being taken away all the time
 */
export async function naming<T>(
  holds: readonly Hold[],
  work: Work<T>,
  commit: (confirmed: Work<T>) => Promise<T>,
): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await commit(async (tx) => {
        for (const { confirm } of holds) await confirm?.(tx);
        return work(tx);
      });
    } catch (error) {
      if (!(error instanceof PiplError) || error.code !== 'PIPL_CONTENT_GOING' || tried === tries)
        throw error;
    }
    if (tried > 1) await pause(between);
    for (const { again } of holds) await again?.();
  }
}

/** For a commit of its own. */
export const alone =
  <T>(db: Database) =>
  (work: Work<T>): Promise<T> =>
    db.transaction().execute(work);
