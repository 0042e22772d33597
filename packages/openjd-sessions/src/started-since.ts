/**
 * Which processes can have started since a moment, told by their number alone: Linux hands pids out in order and begins
 * again from below at the end, so what started between two moments has a pid between the last one of each. Reading two
 * small files spares reading one for every process of the machine.
 *
 * Where nothing tells (no /proc, a /proc that counts nothing or whose counters somebody else than the kernel puts there,
 * as lxcfs does in a container, so many new processes that the order may have come around) any process may have. A pid chosen by hand (`clone3` with `set_tid`, which needs a capability that only a
 * restorer of checkpoints has) escapes it.
 */
import { readFileSync, statfsSync } from 'node:fs';

export interface Moment {
  /** Clock ticks since boot; 0 where there is no /proc. */
  readonly ticks: number;
  /** The last one given to a process; 0 where that is not known. */
  readonly lastPid: number;
  /** How many processes and threads were ever started; 0 where that is not known. */
  readonly started: number;
}

const leastPids = 32_768;
let allPids: number | undefined;

export function momentNow(): Moment {
  // Linux reports ticks to programs at 100 a second on every architecture Node runs on.
  const ticks = Math.floor(Number(textOf('uptime').split(' ')[0]) * 100);
  return { ticks, ...counted() };
}

/** Ask it after the list of processes was read: what started later is not in the list. */
export function mayHaveStartedSince(since: Moment): (pid: number) => boolean {
  const now = counted();
  const forks = now.started - since.started;
  allPids ??= Number(textOf('sys/kernel/pid_max')) || leastPids;
  // Those in use are passed over, so the order may come around sooner than after all of them.
  const isTold = since.lastPid > 0 && now.lastPid > 0 && since.started > 0 && forks > 0;
  if (!isTold || forks > allPids / 4) return () => true;
  return isBetween(since.lastPid, now.lastPid);
}

/** After `from`, up to `to`, where the highest is followed by the lowest. Pure. */
export const isBetween =
  (from: number, to: number) =>
  (pid: number): boolean =>
    from <= to ? pid > from && pid <= to : pid > from || pid <= to;

type Counted = Pick<Moment, 'lastPid' | 'started'>;

const unknown: Counted = { lastPid: 0, started: 0 };
/** What statfs says of the kernel's own /proc: PROC_SUPER_MAGIC of linux/magic.h. */
const kernelsOwn = 0x9fa0;
let isKernels: boolean | undefined;

function counted(): Counted {
  isKernels ??= isOfKernel('loadavg') && isOfKernel('stat');
  if (!isKernels) return unknown;
  const lastPid = Number(textOf('loadavg').trim().split(' ').at(-1)) || 0;
  const started = Number(/^processes (\d+)$/m.exec(textOf('stat'))?.[1]) || 0;
  return { lastPid, started };
}

/** Another file system may lie over a file of /proc, with numbers that are seconds old. */
function isOfKernel(file: string): boolean {
  try {
    return statfsSync(`/proc/${file}`).type === kernelsOwn;
  } catch {
    // Then nothing is known.
    return false;
  }
}

/** Empty where there is no /proc, or not this file of it. */
function textOf(file: string): string {
  if (process.platform !== 'linux') return '';
  try {
    return readFileSync(`/proc/${file}`, 'utf8');
  } catch {
    // Whoever asks takes it for not known.
    return '';
  }
}
