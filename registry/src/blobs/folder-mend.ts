/**
 * Content that the database still has bytes of becomes a file again, whatever is there of it now: after a power
 * cut the file may be missing or torn, and after a failed fsync only looks whole. The row goes when the file is on
 * disk. Doing it twice, or in two processes, is doing it once.
 */
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { integrityOf } from '@pipl/registry-client';
import type { Database } from '../state/tables.ts';
import { syncPath } from '../state/sync-path.ts';
import { neededOf } from '../upkeep/gc.ts';
import { arrivedIn, bytesArrived, forgetArrived, type Arrived } from './arriving.ts';
import { eachAtOnce } from './at-once.ts';
import { isWhole, unlessGone, writeDurably } from './folder-write.ts';

export interface MendPlace {
  readonly db: Database;
  readonly fileOf: (integrity: string) => string;
  readonly temporaryFile: () => string;
}

export interface Mended {
  /** what was not there as it should be, and is now */
  readonly written: readonly string[];
  /** rows that stay, because their files cannot be written */
  readonly failed: readonly { readonly one: Arrived; readonly error: unknown }[];
}

/** Each has its bytes in memory. */
const atOnce = 8;

/** @param only these; absent: whatever is there */
export async function mendArrived(place: MendPlace, only?: readonly Arrived[]): Promise<Mended> {
  const { db, fileOf } = place;
  const all = await arrivedIn(
    db,
    only?.map(({ id }) => id),
  );
  const needed = await neededOf(
    db,
    all.map(({ integrity }) => integrity),
  );
  const written: string[] = [];
  const damaged = new Set<Arrived>();
  const failed = await eachAtOnce(all, atOnce, async (one) => {
    // What nobody needs any longer must not come back; while it is there it is whole: a backup may link it.
    if (!needed.has(one.integrity) && !existsSync(fileOf(one.integrity))) return;
    const bytes = await bytesArrived(db, one);
    if (bytes === undefined) return;
    if (integrityOf(bytes) !== one.integrity) damaged.add(one);
    else if (await writeAnew(place, one, bytes)) written.push(one.integrity);
  });
  const folders = Map.groupBy(all, ({ integrity }) => dirname(fileOf(integrity)));
  for (const { one: folder, error } of await eachAtOnce(folders.keys(), atOnce, syncFolder))
    for (const one of folders.get(folder) ?? []) failed.push({ one, error });
  const stays = new Set([...damaged, ...failed.map(({ one }) => one)]);
  await forgetArrived(
    db,
    all.filter((one) => !stays.has(one)),
  );
  return { written, failed };
}

/** An old one of the project may not have been made. */
const syncFolder = async (folder: string) => void (await unlessGone(syncPath(folder)));

/** @returns whether what was there was not whole */
async function writeAnew(
  { fileOf, temporaryFile }: MendPlace,
  { integrity }: Arrived,
  bytes: Uint8Array,
): Promise<boolean> {
  const [file, temp] = [fileOf(integrity), temporaryFile()];
  const wasWhole = isWhole(file, integrity);
  try {
    await writeDurably(temp, bytes);
    mkdirSync(dirname(file), { recursive: true });
    renameSync(temp, file);
  } catch (error) {
    rmSync(temp, { force: true });
    throw error;
  }
  return !wasWhole;
}
