/**
 * Processes of this machine: is that one still alive, and end these with all they started.
 *
 * A process is named by (pid, start time): a pid alone may be used again. Those who left their parent behind
 * (setsid, double fork) are found by a variable in their environment. Both need /proc; without it a pid is
 * trusted, and what is ended is the process group.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ProcessIdentity {
  readonly pid: number;
  /** field 22 of /proc/PID/stat, clock ticks since boot; absent where there is no /proc */
  readonly startTime?: string | undefined;
}

interface Entry extends ProcessIdentity {
  readonly parent: number;
}

const mostRounds = 40;

export function isAlive({ pid, startTime }: ProcessIdentity): boolean {
  if (process.platform === 'linux') {
    const found = readEntry(pid);
    return found !== undefined && (startTime === undefined || found.startTime === startTime);
  }
  return send(pid, 0);
}

/** Sends a signal if it is still this very process. */
export const signalProcess = (identity: ProcessIdentity, signal: NodeJS.Signals): boolean =>
  isAlive(identity) && send(identity.pid, signal);

/**
 * Kills the process (if given), all that descend from it and all whose environment holds `mark`
 * (`NAME=value`), now and again until nothing is left.
 * @returns how many would not die
 */
export async function endProcesses(what: { root?: ProcessIdentity; mark: string }): Promise<number> {
  if (process.platform !== 'linux') {
    if (what.root !== undefined) send(-what.root.pid, 'SIGKILL');
    return 0;
  }
  for (let round = 0; round < mostRounds; round += 1) {
    const found = holdStill(() => belonging(what));
    if (found.length === 0) return 0;
    for (const entry of found) signalProcess(entry, 'SIGKILL');
    for (let wait = 0; wait < 10 && found.some(isAlive); wait += 1) await sleep(5);
  }
  return belonging(what).length;
}

/** Stopped first, so that nothing forks away between the look and the kill. */
function holdStill(find: () => Entry[]): Entry[] {
  const held = new Set<number>();
  for (;;) {
    const found = find();
    const fresh = found.filter(({ pid }) => !held.has(pid));
    if (fresh.length === 0) return found;
    for (const entry of fresh) {
      held.add(entry.pid);
      signalProcess(entry, 'SIGSTOP');
    }
  }
}

function belonging({ root, mark }: { root?: ProcessIdentity; mark: string }): Entry[] {
  const all = readdirSync('/proc').flatMap((name) =>
    /^\d+$/.test(name) ? (readEntry(Number(name)) ?? []) : [],
  );
  const isRoot = (entry: Entry) =>
    root !== undefined && entry.pid === root.pid && (root.startTime ?? entry.startTime) === entry.startTime;
  const marked = `\0${mark}\0`;
  const found = new Map(
    all
      .filter((entry) => entry.pid !== process.pid)
      .filter((entry) => isRoot(entry) || `\0${readSmall(`/proc/${entry.pid}/environ`)}`.includes(marked))
      .map((entry) => [entry.pid, entry]),
  );
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const entry of all) if (found.has(entry.parent)) found.set(entry.pid, entry);
  }
  return [...found.values()];
}

/** Undefined when it is gone or only waits to be collected. */
function readEntry(pid: number): Entry | undefined {
  const text = readSmall(`/proc/${pid}/stat`);
  // The name is in parentheses and may contain any character, parentheses included.
  const [state, parent, ...rest] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const startTime = rest[17];
  if (startTime === undefined || state === 'Z' || state === 'X') return undefined;
  return { pid, parent: Number(parent), startTime };
}

/** What tells this process from a later one with the same pid. */
export const identityOf = (pid: number): ProcessIdentity => ({ pid, startTime: readEntry(pid)?.startTime });

function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    // It ended between the check and this line, or belongs to somebody else: either way it is not ours to end.
    return false;
  }
}

function readSmall(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    // The process ended while we looked, or belongs to another user.
    return '';
  }
}
