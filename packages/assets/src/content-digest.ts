/** The digest that a file or folder would have in a store, without storing it. */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf } from './blobs.ts';
import { limit } from './limit.ts';
import { notStorable, systemCode } from './failures.ts';
import { filesBelow } from './store.ts';
import { renderTree } from './tree.ts';

export interface FoundContent {
  readonly kind: 'file' | 'folder';
  /** `sha256:<hex>` */
  readonly digest: string;
  /** bytes, all files together */
  readonly size: number;
  /** of a folder */
  readonly files?: number;
}

const atOnce = 16;

/**
 * A folder that was checked out has the digest it was stored with, a sequence as well.
 * @throws PIPL_ASSET_NOT_STORABLE for what is not there, and for links and devices in a folder
 */
export async function contentDigestOf(path: string): Promise<FoundContent> {
  const found = await stat(path).catch((error: unknown) => {
    throw systemCode(error) === 'ENOENT' ? notStorable(path, 'There is nothing there.') : error;
  });
  if (found.isFile()) return { kind: 'file', ...(await digestOf(path)) };
  if (!found.isDirectory()) throw notStorable(path, 'It is neither a file nor a folder.');
  const limited = limit(atOnce);
  const names = await filesBelow(path, '');
  if (names.length === 0) throw notStorable(path, 'The folder has no file.');
  const entries = await Promise.all(
    names.map((name) =>
      limited(async () => {
        const file = join(path, name);
        const executable = ((await stat(file)).mode & 0o111) !== 0;
        return { path: name, executable, ...(await digestOf(file)) };
      }),
    ),
  );
  const digest = `sha256:${createHash('sha256').update(renderTree(entries)).digest('hex')}`;
  const size = entries.reduce((sum, one) => sum + one.size, 0);
  return { kind: 'folder', digest, size, files: entries.length };
}
