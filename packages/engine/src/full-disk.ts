/** A full disk refuses what must be written all the same: it is tried again until there is room. */
import { setTimeout as sleep } from 'node:timers/promises';

const pauseMs = 500;

const isDiskFull = (error: unknown): boolean =>
  ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '');

/** @param work may be begun again @throws what it throws but for want of room; nothing once `isOver` */
export async function onceThereIsRoom(work: () => Promise<void>, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    try {
      return await work();
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      await sleep(pauseMs, undefined, { ref: false });
    }
  }
}
