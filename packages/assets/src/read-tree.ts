/** Reads the manifest of a stored folder or sequence, refusing what is no longer what was stored. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Blobs } from './blobs.ts';
import { contentCorrupt, contentMissing, systemCode } from './failures.ts';
import type { Limit } from './limit.ts';
import { parseTree, type TreeEntry } from './tree.ts';

/** A store in use. */
export interface Opened {
  readonly root: string;
  readonly blobs: Blobs;
  readonly limited: Limit;
}

/** @throws PIPL_ASSET_MISSING, PIPL_ASSET_CORRUPT */
export async function treeOf({ root, blobs }: Opened, digest: string): Promise<TreeEntry[]> {
  const text = await readFile(blobs.path(digest), 'utf8').catch((error: unknown) => {
    throw systemCode(error) === 'ENOENT' ? contentMissing(digest, root) : error;
  });
  const found = `sha256:${createHash('sha256').update(text).digest('hex')}`;
  if (found !== digest) throw contentCorrupt(digest, [`its bytes are those of ${found}`]);
  return parseTree(text, digest);
}
