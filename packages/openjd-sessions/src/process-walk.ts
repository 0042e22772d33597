/**
 * Finds the processes of a session by walking /proc, also those that left their
 * process group with `setsid` or a double fork. Linux only: elsewhere it finds
 * nothing, and killing the group is all there is.
 *
 * A process belongs when its environment carries the mark, when it is in one of the
 * groups, when its stdout or stderr is one of the session's pipes, or when it descends from
 * one that belongs. Every process is named by (pid, start time): a pid alone may be used again.
 */
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

/** The environment variable that marks a session's processes: `<session>/<action>/`. */
export const markName = 'OPENJD_SESSION_MARK';

export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** Clock ticks from boot to its start. */
  readonly startTicks: number;
  readonly name: string;
}

export interface Belonging {
  /** The start of the mark: a whole session, or one action of it. */
  readonly mark: string;
  readonly groups: readonly number[];
  /** Pipes that only this session's processes can hold. */
  readonly pipes: readonly string[];
  /** Processes older than this never belong. */
  readonly sinceTicks: number;
  readonly except: readonly number[];
  /** Seen earlier as belonging; they still do when their parents are gone. */
  readonly known: readonly ProcessEntry[];
}

/** The living processes that belong. */
export function processesOf(belonging: Belonging): ProcessEntry[] {
  const young = readProcesses().filter(
    ({ pid, startTicks }) =>
      startTicks >= belonging.sinceTicks && pid !== process.pid && !belonging.except.includes(pid),
  );
  return withDescendants(young, (entry) => belongsByItself(entry, belonging));
}

/** Those that `belongs` names and all that descend from them. Pure. */
export function withDescendants(
  processes: readonly ProcessEntry[],
  belongs: (entry: ProcessEntry) => boolean,
): ProcessEntry[] {
  const found = new Map(processes.filter(belongs).map((entry) => [entry.pid, entry]));
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const entry of processes) if (found.has(entry.parent)) found.set(entry.pid, entry);
  }
  return [...found.values()];
}

/** Now, in the clock that `startTicks` counts; 0 where there is no /proc. */
export function ticksNow(): number {
  // Linux reports ticks to programs at 100 a second on every architecture Node runs on.
  return Math.floor(Number(readSmall('/proc/uptime').split(' ')[0] ?? 0) * 100);
}

/** Whether this very process is still there, and not another one with its number. */
export const isStill = ({ pid, startTicks }: ProcessEntry): boolean =>
  readProcess(pid)?.startTicks === startTicks;

function belongsByItself(
  { pid, group, startTicks }: ProcessEntry,
  { mark, groups, pipes, known }: Belonging,
): boolean {
  return (
    groups.includes(group) ||
    known.some((seen) => seen.pid === pid && seen.startTicks === startTicks) ||
    readSmall(`/proc/${pid}/environ`).includes(`${markName}=${mark}`) ||
    pipes.includes(linkOf(`/proc/${pid}/fd/1`)) ||
    pipes.includes(linkOf(`/proc/${pid}/fd/2`))
  );
}

function readProcesses(): ProcessEntry[] {
  if (process.platform !== 'linux') return [];
  const entries: ProcessEntry[] = [];
  for (const name of readdirSync('/proc')) {
    const entry = /^\d+$/.test(name) ? readProcess(Number(name)) : undefined;
    if (entry) entries.push(entry);
  }
  return entries;
}

/** One process; undefined when it is gone or only waits to be collected. */
function readProcess(pid: number): ProcessEntry | undefined {
  const text = readSmall(`/proc/${pid}/stat`);
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

function readSmall(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    // The process ended while we looked, or belongs to another user: either way it tells us nothing.
    return '';
  }
}

function linkOf(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    // As above.
    return '';
  }
}
