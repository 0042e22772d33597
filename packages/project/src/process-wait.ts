/**
 * Waits for, and signals, a process that somebody else started.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { isAlive, type ProcessIdentity } from '@pipl/openjd-sessions/process-identity';

/** @returns whether the process was gone within `seconds` */
export async function waitUntilGone(process: ProcessIdentity, seconds: number): Promise<boolean> {
  const end = Date.now() + seconds * 1000;
  while (isAlive(process)) {
    if (Date.now() > end) return false;
    await pause(20);
  }
  return true;
}

/** Signals the process if it is still that one. */
export function signal(target: ProcessIdentity, name: NodeJS.Signals): void {
  if (!isAlive(target)) return;
  try {
    process.kill(target.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
