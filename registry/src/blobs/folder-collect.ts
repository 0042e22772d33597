/**
 * Removes content that no row names, while others publish: in this process and in others on the same folder.
 *
 * Whoever publishes content that is there already touches the file. So only files go that nobody touched for
 * longer than any publish takes, and each is first moved away and looked at again: one that was touched before
 * the move goes back, one that is asked for after it is written anew.
 */
import { mkdirSync, renameSync, statSync, unlinkSync, utimesSync, type Stats } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { integrityOfHex } from './address.ts';
import type { Collected, Collection } from './blobs.ts';

interface Folders {
  /** of files by their sha512 */
  readonly contents: string;
  /** in the same file system */
  readonly temporary: string;
}

const batch = 500;
const moved = 'collected-';

/** @returns whether there is such a file; if so, it is as if it had been written now */
export function touch(file: string): boolean {
  // Most are new: asking is quicker than an error.
  if (statSync(file, { throwIfNoEntry: false }) === undefined) return false;
  const now = new Date();
  return unlessGone(() => (utimesSync(file, now, now), true)) === true;
}

/** undefined when the file is not there */
function unlessGone<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

const isOld = (found: Stats, grace: number): boolean => Date.now() - found.mtimeMs >= grace;

/** What a crash in the middle of a collection left goes back to its place. */
export async function putBack({ contents, temporary }: Folders): Promise<void> {
  for (const name of (await readdir(temporary)).filter((one) => one.startsWith(moved))) {
    const hex = name.slice(moved.length);
    const place = join(contents, hex.slice(0, 2), hex);
    mkdirSync(dirname(place), { recursive: true });
    unlessGone(() => renameSync(join(temporary, name), place));
  }
}

/**
 * @param claim takes a content out of everybody's hands: undefined while somebody holds it, else a question to
 *   ask later: has anybody taken hold of it since?
 */
export async function collectUnnamed(
  folders: Folders,
  { grace, named }: Collection,
  claim: (hex: string) => (() => boolean) | undefined,
): Promise<Collected> {
  const { contents } = folders;
  await putBack(folders);
  const total = { files: 0, bytes: 0 };
  for (const shard of await readdir(contents)) {
    const old = (await readdir(join(contents, shard))).filter((hex) => {
      const found = unlessGone(() => statSync(join(contents, shard, hex)));
      return found !== undefined && isOld(found, grace);
    });
    for (let at = 0; at < old.length; at += batch) {
      const claims = old.slice(at, at + batch).map((hex) => ({ hex, stillFree: claim(hex) }));
      const needed = await named(claims.map(({ hex }) => integrityOfHex(hex)));
      // From here to the end of the loop nothing else of this process runs.
      for (const { hex, stillFree } of claims) {
        if (stillFree?.() !== true || needed.has(integrityOfHex(hex))) continue;
        const bytes = remove(folders, hex, grace);
        if (bytes === undefined) continue;
        total.files += 1;
        total.bytes += bytes;
      }
    }
  }
  return total;
}

/** @returns its size; undefined when it stays, or somebody else removed it */
function remove({ contents, temporary }: Folders, hex: string, grace: number): number | undefined {
  const place = join(contents, hex.slice(0, 2), hex);
  const away = join(temporary, `${moved}${hex}`);
  return unlessGone(() => {
    renameSync(place, away);
    const found = statSync(away);
    if (isOld(found, grace)) {
      unlinkSync(away);
      return found.size;
    }
    renameSync(away, place);
    return undefined;
  });
}
