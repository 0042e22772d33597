/**
 * Ends processes for good. It stops what it finds before it kills, so that nothing
 * forks away between the look and the kill, and looks again until nothing is left.
 */
import { setTimeout } from 'node:timers/promises';

import { signalProcess } from './process-identity.ts';
import type { ProcessEntry } from './process-identity.ts';
import { isStill } from './process-walk.ts';

const mostRounds = 40;
const pauseMs = 5;

/** Eyes and a hand: this process's own, or those of another user. */
export interface Reach {
  readonly find: () => ProcessEntry[] | Promise<ProcessEntry[]>;
  /** Signals those that are still the very same. Never rejects. */
  readonly send: (entries: readonly ProcessEntry[], signal: 'SIGSTOP' | 'SIGKILL') => void | Promise<void>;
}

/** Of this process itself. */
export function sendOwn(entries: readonly ProcessEntry[], signal: 'SIGSTOP' | 'SIGKILL'): void {
  for (const { pid, startTicks } of entries) signalProcess({ pid, startTime: startTicks }, signal);
}

/** Kills all that `find` finds, now and again. Returns what it killed, and what would not die within about a second. */
export async function endProcesses(reach: Reach): Promise<{ killed: ProcessEntry[]; left: ProcessEntry[] }> {
  const killed = new Map<number, ProcessEntry>();
  let found = await holdStill(reach);
  for (let round = 0; found.length > 0 && round < mostRounds; round += 1) {
    for (const entry of found) killed.set(entry.pid, entry);
    await reach.send(found, 'SIGKILL');
    await untilGone(found);
    found = await holdStill(reach);
  }
  for (const { pid } of found) killed.delete(pid);
  return { killed: [...killed.values()], left: found };
}

/** Everything found, stopped, after a look that found nothing new. */
async function holdStill({ find, send }: Reach): Promise<ProcessEntry[]> {
  const held = new Set<number>();
  for (;;) {
    const found = await find();
    const fresh = found.filter(({ pid }) => !held.has(pid));
    if (fresh.length === 0) return found;
    for (const { pid } of fresh) held.add(pid);
    await send(fresh, 'SIGSTOP');
  }
}

async function untilGone(entries: readonly ProcessEntry[]): Promise<void> {
  for (let wait = 0; wait < 5 && entries.some(isStill); wait += 1) await setTimeout(pauseMs);
}
