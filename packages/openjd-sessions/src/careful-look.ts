/**
 * Looks until it is sure that nothing is left. One look at /proc is not: it lists pids and then reads them, so a
 * process that forks and ends between the two is missed together with its child; and a process in the middle of
 * `exec` has no environment for a moment, so nothing tells whose it is. An escapee that is missed once, with its
 * parents gone, is missed for ever.
 */
import { setTimeout } from 'node:timers/promises';

import type { ProcessEntry } from './process-identity.ts';
import type { Look } from './process-walk.ts';

/** More would not help: then something else starts and ends processes all the time. */
const mostLooks = 12;
/** Milliseconds. */
const pause = 1;

/**
 * Returns what the first look that finds anything has found; nothing when a look found nothing and nothing escaped it.
 * @param least so many looks that find nothing, where other eyes cannot tell what escaped them
 */
export async function carefulLook(
  look: () => Look | Promise<Look>,
  { least = 1 } = {},
): Promise<ProcessEntry[]> {
  /** Pids that were read: they have no children that a later look could miss. */
  const read = new Set<number>();
  for (let looks = 1; ; looks += 1) {
    const { found, others, vanished, unclear } = await look();
    if (found.length > 0) return found;
    const isSure = looks >= least && unclear.length === 0 && vanished.every((pid) => read.has(pid));
    if (isSure || looks === mostLooks) return [];
    for (const pid of [...others, ...vanished]) read.add(pid);
    if (unclear.length > 0) await setTimeout(pause);
  }
}
