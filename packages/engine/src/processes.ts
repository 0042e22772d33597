/**
 * Ends processes of this machine with all they started. Those who left their parent behind (setsid, double
 * fork) are found by a variable in their environment; without /proc what is ended is the process group.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  isAlive,
  readOfProcess,
  readProcesses,
  signalProcess,
  type ProcessEntry,
  type ProcessIdentity,
} from '@pipl/openjd-sessions/process-identity';

const mostRounds = 40;

/**
 * Kills the process (if given), all that descend from it and all whose environment holds `mark`
 * (`NAME=value`), now and again until nothing is left.
 * @returns how many would not die
 */
export async function endProcesses(what: { root?: ProcessIdentity; mark: string }): Promise<number> {
  if (process.platform !== 'linux') {
    if (what.root !== undefined) signalProcess({ pid: -what.root.pid }, 'SIGKILL');
    return 0;
  }
  for (let round = 0; round < mostRounds; round += 1) {
    const found = holdStill(() => belonging(what));
    if (found.length === 0) return 0;
    for (const entry of found) signalProcess(named(entry), 'SIGKILL');
    for (let wait = 0; wait < 10 && found.map(named).some(isAlive); wait += 1) await sleep(5);
  }
  return belonging(what).length;
}

/** Stopped first, so that nothing forks away between the look and the kill. */
function holdStill(find: () => ProcessEntry[]): ProcessEntry[] {
  const held = new Set<number>();
  for (;;) {
    const found = find();
    const fresh = found.filter(({ pid }) => !held.has(pid));
    if (fresh.length === 0) return found;
    for (const entry of fresh) {
      held.add(entry.pid);
      signalProcess(named(entry), 'SIGSTOP');
    }
  }
}

const named = ({ pid, startTicks }: ProcessEntry): ProcessIdentity => ({ pid, startTime: startTicks });

function belonging({ root, mark }: { root?: ProcessIdentity; mark: string }): ProcessEntry[] {
  const all = readProcesses();
  const isRoot = ({ pid, startTicks }: ProcessEntry) =>
    root !== undefined && pid === root.pid && String(root.startTime ?? startTicks) === String(startTicks);
  const marked = `\0${mark}\0`;
  const found = new Map(
    all
      .filter(({ pid }) => pid !== process.pid)
      .filter((entry) => isRoot(entry) || `\0${readOfProcess(entry.pid, 'environ')}`.includes(marked))
      .map((entry) => [entry.pid, entry]),
  );
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const entry of all) if (found.has(entry.parent)) found.set(entry.pid, entry);
  }
  return [...found.values()];
}
