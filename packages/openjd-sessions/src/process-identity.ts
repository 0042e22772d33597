/**
 * Which process is it: a pid alone may belong to another one by now, a pid with its start time does not.
 *
 * The start time is field 22 of /proc/PID/stat, clock ticks since boot. Where there is no /proc a pid that
 * answers is taken for the process that was noted. Everything in this repository that notes a process, asks
 * whether it still runs, or signals one that is not its child, does it with these. It knows no sessions.
 */
import { readFileSync, readdirSync } from 'node:fs';

export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from boot to its start; absent where there is no /proc. */
  readonly startTime?: string | number | undefined;
}

export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** Clock ticks from boot to its start. */
  readonly startTicks: number;
  readonly name: string;
}

/** What tells this process from a later one with the same pid. */
export function identityOf(pid: number): ProcessIdentity & { readonly startTime?: string } {
  const found = readProcess(pid);
  return found ? { pid, startTime: String(found.startTicks) } : { pid };
}

/** Whether this very process runs; one that only waits to be collected does not. */
export function isAlive({ pid, startTime }: ProcessIdentity): boolean {
  if (process.platform !== 'linux') return answers(pid);
  const found = readProcess(pid);
  return found !== undefined && (startTime === undefined || String(found.startTicks) === String(startTime));
}

/** Sends a signal if it is still this very process. False when it is gone, or another user's. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isAlive(identity)) return false;
  try {
    return process.kill(identity.pid, signal);
  } catch {
    // It ended between the check and this line, or belongs to somebody else: either way it is not ours to signal.
    return false;
  }
}

/** All living processes; none where there is no /proc. */
export const readProcesses = (): ProcessEntry[] => readProcessList().living;

/**
 * All processes, and the pids of those that were listed but had ended when they were read.
 * @param among asked once the pids are listed: those that are of interest
 */
export function readProcessList(among: () => (pid: number) => boolean = () => () => true): {
  readonly living: ProcessEntry[];
  readonly ended: number[];
} {
  const list = { living: [] as ProcessEntry[], ended: [] as number[] };
  if (process.platform !== 'linux') return list;
  const pids = readdirSync('/proc').map(Number);
  const isOfInterest = among();
  for (const pid of pids) {
    if (Number.isNaN(pid) || !isOfInterest(pid)) continue;
    const entry = readProcess(pid);
    if (entry === undefined) list.ended.push(pid);
    else list.living.push(entry);
  }
  return list;
}

/** One living process; undefined when it is gone or only waits to be collected, or there is no /proc. */
export function readProcess(pid: number): ProcessEntry | undefined {
  const text = readOfProcess(pid, 'stat');
  // The name is in parentheses and may contain any character, parentheses included.
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  const fields = text.slice(close + 2).split(' ');
  const [state, parent, group] = fields;
  const startTicks = fields[19];
  if (close === -1 || startTicks === undefined || state === 'Z' || state === 'X') return undefined;
  return {
    pid,
    parent: Number(parent),
    group: Number(group),
    startTicks: Number(startTicks),
    name: text.slice(open + 1, close),
  };
}

/** A file that the system keeps about a process; empty when it is not there or not for us. */
export function readOfProcess(pid: number, file: 'stat' | 'environ' | 'cmdline'): string {
  try {
    // Not latin1: Node reads UTF-8 in one go, and for anything else takes 64 KiB for each of these small files.
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    // The process ended while we looked, or belongs to another user: either way it tells us nothing.
    return '';
  }
}

function answers(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
