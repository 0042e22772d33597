/** The files of a stored folder or sequence, by its digest. */
import { text } from 'node:stream/consumers';
import { parseTree, type AssetStore, type TreeEntry } from '@pipl/assets';

/** Undefined where the store does not have it. */
export async function treeFiles(
  store: Pick<AssetStore, 'has' | 'read'>,
  digest: string,
): Promise<readonly TreeEntry[] | undefined> {
  if (!(await store.has(digest))) return undefined;
  return parseTree(await text(await store.read(digest)), digest);
}
