/**
 * Ends processes for good. It stops what it finds before it kills, so that nothing
 * forks away between the look and the kill, and looks again until nothing is left.
 */
import { setTimeout } from 'node:timers/promises';

import { isStill } from './process-walk.ts';
import type { ProcessEntry } from './process-walk.ts';

const mostRounds = 40;
const pauseMs = 5;

/** Kills all that `find` finds, now and again. Returns what it killed, and what would not die within about a second. */
export async function endProcesses(
  find: () => ProcessEntry[],
): Promise<{ killed: ProcessEntry[]; left: ProcessEntry[] }> {
  const killed = new Map<number, ProcessEntry>();
  let found = holdStill(find);
  for (let round = 0; found.length > 0 && round < mostRounds; round += 1) {
    for (const entry of found) {
      killed.set(entry.pid, entry);
      send(entry, 'SIGKILL');
    }
    await untilGone(found);
    found = holdStill(find);
  }
  return { killed: [...killed.values()], left: found };
}

/** Everything found, stopped, after a look that found nothing new. */
function holdStill(find: () => ProcessEntry[]): ProcessEntry[] {
  const held = new Set<number>();
  for (;;) {
    const found = find();
    const fresh = found.filter(({ pid }) => !held.has(pid));
    if (fresh.length === 0) return found;
    for (const entry of fresh) {
      held.add(entry.pid);
      send(entry, 'SIGSTOP');
    }
  }
}

async function untilGone(entries: readonly ProcessEntry[]): Promise<void> {
  for (let wait = 0; wait < 5 && entries.some(isStill); wait += 1) await setTimeout(pauseMs);
}

function send(entry: ProcessEntry, signal: 'SIGSTOP' | 'SIGKILL'): void {
  if (!isStill(entry)) return;
  try {
    process.kill(entry.pid, signal);
  } catch {
    // It ended by itself between the check and this line, or belongs to another user; the next look tells.
  }
}
