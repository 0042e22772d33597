/** Many short pieces of work in the order in which they came, with a pause now and then for the rest of the process. */
import { setImmediate } from 'node:timers/promises';

/** Milliseconds without a pause. */
const atOnce = 5;

/** @returns resolves when it is the turn of who asks: what they do at once comes before the next one's */
export function takingTurns(): () => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  let since = -Infinity;
  const after = async (before: Promise<void>): Promise<void> => {
    await before;
    if (performance.now() - since < atOnce) return;
    await setImmediate();
    since = performance.now();
  };
  return () => (last = after(last));
}
