/**
 * Which process is it: a pid alone may belong to another one by now, a pid with its start time does not.
 *
 * The start time is field 22 of /proc/PID/stat (clock ticks since boot). Where there is no /proc, a pid that
 * answers is taken for the process that was noted.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: string | number;
}

const noProc = !existsSync('/proc/self/stat');

export async function isAlive({ pid, startTime }: ProcessIdentity): Promise<boolean> {
  if (noProc) return answers(pid);
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (stat === undefined) return false;
  // The command's name stands in parentheses and may hold spaces and parentheses itself.
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return state !== 'Z' && fields[18] === String(startTime);
}

function answers(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** @returns whether the process was gone within `seconds` */
export async function waitUntilGone(process: ProcessIdentity, seconds: number): Promise<boolean> {
  const end = Date.now() + seconds * 1000;
  while (await isAlive(process)) {
    if (Date.now() > end) return false;
    await pause(20);
  }
  return true;
}

/** Signals the process if it is still that one. */
export async function signal(target: ProcessIdentity, name: NodeJS.Signals): Promise<void> {
  if (!(await isAlive(target))) return;
  try {
    process.kill(target.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
