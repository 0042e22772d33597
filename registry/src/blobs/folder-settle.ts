/**
 * Brings to disk, behind the answers, what `hold` only wrote: the files of many publishes together, then their
 * folders, then the rows that held the bytes meanwhile go with the next commit.
 *
 * What cannot be brought there keeps its row. It is written anew, because a second fsync of the same file may say
 * yes to what the first one lost; until that succeeds `trouble` says what the disk says, and it is tried again.
 * What a process leaves unsettled is the business of the next start.
 */
import { dirname } from 'node:path';
import { commitWhatWaits, commitWithNext } from '../publishing/group-commit.ts';
import { syncPath } from '../state/sync-path.ts';
import { forgetArrived, type Arrived, type Arriving } from './arriving.ts';
import { eachAtOnce } from './at-once.ts';
import { mendArrived, type MendPlace } from './folder-mend.ts';

export interface Settler {
  /**
   * Whether publishes may leave their files to be brought to disk later. Not while the disk does not take what was
   * acknowledged, and not while too much of it waits: then publishes are as slow as the disk.
   */
  takes(): boolean;
  /** Its transaction is over; its file is written. */
  add(one: Arriving): void;
  /** The disk did not take it: it is written anew, sooner or later. */
  suspect(one: Arrived, error: unknown): void;
  /** Its file must not be relied on. */
  isSuspect(integrity: string): boolean;
  /** What the disk says; undefined while it takes everything. */
  trouble(): unknown;
  /** Settles what there is, and stops. */
  close(): Promise<void>;
}

/** Milliseconds: what comes in such a time shares the writes to disk of its files. */
const gathering = 200;
/** Does not wait any longer to gather more. */
const enough = 64;
/** Of what may not be on disk: a start after a power cut writes all of it, and the database is so much bigger. */
export const mostBehind = { files: 1024, bytes: 32 * 1024 * 1024 };
/** Leaves threads to those who publish and read, unless much waits. */
const atOnceOf = ({ length }: readonly unknown[]) => Math.max(2, Math.min(16, Math.floor(length / 32)));
/** Milliseconds that rows wait for a commit that takes them away on its way. */
const patience = 1_000;
/** Milliseconds until what failed is tried again. */
const again = 5_000;

/**
 * @param lost what was said of content that was not taken once, whoever it was for: it is not asked for again
 * @returns what is not on disk for sure
 */
async function bringToDisk(
  { fileOf }: MendPlace,
  some: readonly Arrived[],
  lost: Map<string, unknown>,
): Promise<Map<Arrived, unknown>> {
  const failed = new Map<Arrived, unknown>();
  const files = Map.groupBy(some, ({ integrity }) => fileOf(integrity));
  const folders = Map.groupBy(some, ({ integrity }) => dirname(fileOf(integrity)));
  // Folders after files: a name on disk without its content would be worse than neither.
  for (const paths of [files, folders])
    for (const { one: path, error } of await eachAtOnce(paths.keys(), atOnceOf(some), syncPath))
      for (const one of paths.get(path) ?? []) failed.set(one, error);
  for (const [{ integrity }, error] of failed) if (!isGone(error)) lost.set(integrity, error);
  for (const one of some) if (lost.has(one.integrity)) failed.set(one, lost.get(one.integrity));
  return failed;
}

/** It was refused, or nobody needs it any longer. */
const isGone = (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENOENT';

export function openSettler(place: MendPlace): Settler {
  const { db } = place;
  let waiting: Arriving[] = [];
  const behind = { files: 0, bytes: 0 };
  let suspects = new Map<Arrived, unknown>();
  const lost = new Map<string, unknown>();
  let isTroubled = false;
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isClosing = false;
  const forgetting = new Set<Promise<void>>();

  const forget = (some: readonly Arrived[]) => {
    if (some.length === 0) return;
    const done = commitWithNext(db, (tx) => forgetArrived(tx, some), patience)
      // A row too many is settled once more at the next start.
      .catch((error: unknown) => console.error('What is on disk cannot be forgotten:', error))
      .finally(() => forgetting.delete(done));
    forgetting.add(done);
  };
  const mend = async () => {
    if (suspects.size === 0) return;
    const tried = suspects;
    const hadTrouble = settler.trouble() !== undefined;
    try {
      const { failed } = await mendArrived(place, [...tried.keys()]);
      suspects = new Map(failed.map(({ one, error }) => [one, error]));
    } catch (error) {
      suspects = new Map([...tried.keys()].map((one) => [one, error]));
    }
    isTroubled = suspects.size > 0;
    if (isTroubled && !hadTrouble) console.error('Content cannot be brought to disk:', settler.trouble());
  };
  const run = async () => {
    for (let turn = 0; turn === 0 || waiting.length >= enough; turn++) {
      // All there are: the more files, the fewer folders for each.
      const some = waiting;
      waiting = [];
      const failed = await bringToDisk(place, some, lost);
      behind.files -= some.length;
      for (const { size } of some) behind.bytes -= size;
      for (const [one, error] of failed) suspects.set(one, error);
      forget(some.filter((one) => !failed.has(one)));
    }
    await mend();
  };
  const begin = () => {
    clearTimeout(timer);
    timer = undefined;
    running ??= run().finally(() => {
      running = undefined;
      plan();
    });
    return running;
  };
  const plan = () => {
    if (isClosing || running !== undefined) return;
    if (waiting.length >= enough) void begin();
    else if (waiting.length > 0) timer ??= setTimeout(begin, gathering).unref();
    else if (suspects.size > 0) timer ??= setTimeout(begin, again).unref();
  };
  const settler: Settler = {
    takes: () => suspects.size === 0 && behind.files < mostBehind.files && behind.bytes < mostBehind.bytes,
    add(one) {
      waiting.push(one);
      behind.files += 1;
      behind.bytes += one.size;
      plan();
    },
    suspect(one, error) {
      suspects.set(one, error);
      isTroubled = true;
      plan();
    },
    isSuspect: (integrity) => suspects.keys().some((one) => one.integrity === integrity),
    trouble: () => (isTroubled ? suspects.values().next().value : undefined),
    async close() {
      isClosing = true;
      clearTimeout(timer);
      await running;
      while (waiting.length > 0) await begin();
      commitWhatWaits(db);
      await Promise.all(forgetting);
    },
  };
  return settler;
}
