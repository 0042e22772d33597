/**
 * Finds the processes of a session by walking /proc, also those that left their
 * process group with `setsid` or a double fork. Linux only: elsewhere it finds
 * nothing, and killing the group is all there is.
 *
 * A process belongs when its environment carries the mark, when it is in one of the
 * groups, when its stdout or stderr is one of the session's pipes, or when it descends from
 * one that belongs. Marks and pipes of another user's processes cannot be read from here: whoever can
 * (`sudo-helper.ts`) hands in the pids it found.
 */
import { readlinkSync, statSync } from 'node:fs';

import { isAlive, readOfProcess, readProcessList } from './process-identity.ts';
import type { ProcessEntry } from './process-identity.ts';
import { mayHaveStartedSince } from './started-since.ts';
import type { Moment } from './started-since.ts';

/** The parent of the kernel's own threads, which never have arguments. */
const kernel = 2;

/** The environment variable that marks a session's processes: `<session>/<action>/`. */
export const markName = 'OPENJD_SESSION_MARK';

export interface Belonging {
  /** The start of the mark: a whole session, or one action of it. */
  readonly mark: string;
  readonly groups: readonly number[];
  /** Pipes that only this session's processes can hold. */
  readonly pipes: readonly string[];
  /** Processes older than this never belong. */
  readonly since: Moment;
  readonly except: readonly number[];
  /** Shells whose children wait for something to do: those never belong either. */
  readonly waiting: readonly number[];
  /** Seen earlier as belonging; they still do when their parents are gone. */
  readonly known: readonly ProcessEntry[];
  /** Found by other eyes than this process's. */
  readonly found: readonly number[];
  /** Only processes of this user, if so wished. */
  readonly uid: number | undefined;
}

/** What one look at /proc tells. */
export interface Look {
  readonly found: ProcessEntry[];
  /** pids of the living that do not belong, of those that are young enough */
  readonly others: readonly number[];
  /** pids that were listed and had ended before they were read */
  readonly vanished: readonly number[];
  /** those of which nothing tells at this moment whose they are */
  readonly unclear: readonly ProcessEntry[];
}

/** The living processes that belong. */
export const processesOf = (belonging: Belonging): ProcessEntry[] => lookFor(belonging).found;

export function lookFor(belonging: Belonging): Look {
  const { since, except, waiting, uid } = belonging;
  const { living, ended } = readProcessList(() => mayHaveStartedSince(since));
  const young = living.filter(
    ({ pid, parent, startTicks }) =>
      startTicks >= since.ticks - 1 &&
      pid !== process.pid &&
      !except.includes(pid) &&
      !waiting.includes(parent),
  );
  const all = withDescendants(young, (entry) => belongsByItself(entry, belonging));
  const found = uid === undefined ? all : all.filter(({ pid }) => ownerOf(pid) === uid);
  const ours = new Set(found.map(({ pid }) => pid));
  const unclear = found.length > 0 ? [] : young.filter((entry) => isInExec(entry, uid ?? process.getuid?.()));
  for (const { pid } of unclear) ours.add(pid);
  return {
    found,
    others: living.map(({ pid }) => pid).filter((pid) => !ours.has(pid)),
    vanished: ended,
    unclear,
  };
}

/** While a program takes the place of another, neither variables nor arguments are there. */
function isInExec({ pid, parent }: ProcessEntry, uid: number | undefined): boolean {
  if (parent === kernel || pid === kernel) return false;
  return readOfProcess(pid, 'cmdline') === '' && ownerOf(pid) === uid;
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

/** Whether this very process is still there, and not another one with its number. */
export const isStill = ({ pid, startTicks }: ProcessEntry): boolean =>
  isAlive({ pid, startTime: startTicks });

function belongsByItself(
  { pid, group, startTicks }: ProcessEntry,
  { mark, groups, pipes, known, found }: Belonging,
): boolean {
  return (
    groups.includes(group) ||
    found.includes(pid) ||
    known.some((seen) => seen.pid === pid && seen.startTicks === startTicks) ||
    readOfProcess(pid, 'environ').includes(`${markName}=${mark}`) ||
    pipes.includes(linkOf(`/proc/${pid}/fd/1`)) ||
    pipes.includes(linkOf(`/proc/${pid}/fd/2`))
  );
}

function ownerOf(pid: number): number | undefined {
  return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid;
}

function linkOf(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    // The process ended while we looked, or belongs to another user: either way it tells us nothing.
    return '';
  }
}
