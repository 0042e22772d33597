/**
 * What runs leave on this machine, and how long: `PROJ/system/runs/<attempt>/`, its log and what it worked on.
 *
 * Records of runs, their reasons and their provenance stay for ever in the database; this is about files. Whatever
 * is under way is not touched: a folder without a result, one that the reactor still counts on, one that changed a
 * moment ago. A folder goes whole or not at all: it is renamed first.
 */
import { readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Keep } from './run-settings.ts';

/** One folder, as the policy sees it. */
export interface Left {
  readonly attempt: string;
  /** milliseconds since 1970 */
  readonly endedAt: number;
  readonly endedWell: boolean;
  readonly bytes: number;
  /** of which it worked on */
  readonly scratchBytes: number;
}

export interface Removal {
  /** attempts whose folder goes */
  readonly runs: readonly string[];
  /** attempts of which only the scratch goes */
  readonly scratch: readonly string[];
}

export interface Tidied {
  readonly runs: number;
  readonly scratch: number;
  readonly bytes: number;
  readonly keptRuns: number;
  readonly keptBytes: number;
}

const day = 24 * 60 * 60 * 1000;

/** Pure. @param now milliseconds since 1970 */
export function beyond(left: readonly Left[], keep: Keep, now: number): Removal {
  const isOld = ({ endedAt, endedWell }: Left) =>
    now - endedAt > (endedWell ? keep.days : keep.failedDays) * day;
  const gone = new Set(left.filter(isOld).map(({ attempt }) => attempt));
  const isScratchOld = ({ endedAt, scratchBytes }: Left) =>
    scratchBytes > 0 && now - endedAt > keep.scratchDays * day;
  const scratch = new Set(left.filter(isScratchOld).map(({ attempt }) => attempt));
  const rest = left
    .filter(({ attempt }) => !gone.has(attempt))
    .toSorted((a, b) => Number(b.endedWell) - Number(a.endedWell) || a.endedAt - b.endedAt);
  const weightOf = ({ attempt, bytes, scratchBytes }: Left) =>
    scratch.has(attempt) ? bytes - scratchBytes : bytes;
  let bytes = rest.reduce((sum, one) => sum + weightOf(one), 0);
  let count = rest.length;
  for (const one of rest) {
    if (count <= keep.count && bytes <= keep.bytes) break;
    gone.add(one.attempt);
    count -= 1;
    bytes -= weightOf(one);
  }
  return { runs: [...gone], scratch: [...scratch].filter((attempt) => !gone.has(attempt)) };
}

export interface TidyRequest {
  readonly runsDir: string;
  readonly keep: Keep;
  /** the reactor, or a handler, still counts on it */
  readonly isUnderWay: (attempt: string) => boolean;
  readonly now: number;
  /** says what would go and removes nothing */
  readonly dryRun?: boolean;
}

/** Milliseconds after a run's end in which others may still look at its folder. */
const grace = 60_000;

/** @throws the errors of the file system */
export async function tidyRuns({
  runsDir,
  keep,
  isUnderWay,
  now,
  dryRun = false,
}: TidyRequest): Promise<Tidied> {
  const names = await readdir(runsDir);
  if (!dryRun)
    for (const name of names.filter((one) => one.startsWith('.gone-'))) await remove(runsDir, name);
  const left: Left[] = [];
  for (const attempt of names) {
    if (attempt.startsWith('.') || isUnderWay(attempt)) continue;
    const found = await look(join(runsDir, attempt), attempt);
    if (found !== undefined && now - found.endedAt >= grace) left.push(found);
  }
  const { runs, scratch } = beyond(left, keep, now);
  const sizes = new Map(left.map((one) => [one.attempt, one]));
  const freed =
    runs.reduce((sum, attempt) => sum + sizes.get(attempt)!.bytes, 0) +
    scratch.reduce((sum, attempt) => sum + sizes.get(attempt)!.scratchBytes, 0);
  if (!dryRun) {
    for (const attempt of runs) await setAside(runsDir, attempt, `.gone-${attempt}`);
    for (const attempt of scratch) await setAside(runsDir, join(attempt, 'work'), `.gone-${attempt}-work`);
  }
  const all = left.reduce((sum, { bytes }) => sum + bytes, 0);
  return {
    runs: runs.length,
    scratch: scratch.length,
    bytes: freed,
    keptRuns: left.length - runs.length,
    keptBytes: all - freed,
  };
}

async function setAside(runsDir: string, name: string, aside: string): Promise<void> {
  await rename(join(runsDir, name), join(runsDir, aside));
  await remove(runsDir, aside);
}

const remove = (runsDir: string, name: string): Promise<void> =>
  rm(join(runsDir, name), { recursive: true, force: true });

/** undefined for a folder without a result: somebody runs it, or will. */
async function look(folder: string, attempt: string): Promise<Left | undefined> {
  const file = join(folder, 'result.json');
  try {
    const { mtimeMs } = await stat(file);
    const { state } = JSON.parse(await readFile(file, 'utf8')) as { state?: string };
    const scratchBytes = await sizeOf(join(folder, 'work'));
    const bytes = (await sizeOf(folder, 'work')) + scratchBytes;
    const endedWell = state === 'succeeded' || state === 'taken-back';
    return { attempt, endedAt: mtimeMs, endedWell, bytes, scratchBytes };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Bytes of all files below. @param except a name that does not count */
async function sizeOf(folder: string, except?: string): Promise<number> {
  let bytes = 0;
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  for (const entry of entries) {
    if (entry.name === except) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += await sizeOf(path);
    else bytes += (await stat(path).catch(() => undefined))?.size ?? 0;
  }
  return bytes;
}
