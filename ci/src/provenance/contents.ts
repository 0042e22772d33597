/**
 * Which versions hold a content: as one of their assets, or as a file of a folder or sequence. What assets are
 * there is in memory; the lists of files are read from the asset store when first asked about, and remembered,
 * as a digest never means anything else.
 */
import { text } from 'node:stream/consumers';
import { parseTree, type AssetStore } from '@pipl/assets';
import { productOf, type Row } from '@pipl/packl';
import type { Projection } from '../step/index.ts';

export interface Holding {
  readonly row: Row;
  /** the asset, and the file in it when it is one of several */
  readonly asset: string;
  /** digest of the folder or sequence that the file is in */
  readonly tree?: string;
}

export interface Contents {
  /** Digest → path of the files of a folder or sequence; none where the store does not have it. */
  files(tree: string): Promise<ReadonlyMap<string, string>>;
  /** The list of files of a folder or sequence, as it is stored. */
  tree(digest: string): Promise<string>;
  /** @param digest `sha256:<hex>` of a file, or of the manifest of a folder or sequence */
  holding(projection: Projection, digest: string): Promise<Holding[]>;
}

export function openContents(store: Pick<AssetStore, 'has' | 'read'>): Contents {
  /** tree → file digest → path */
  const trees = new Map<string, ReadonlyMap<string, string>>();

  const filesOf = async (tree: string): Promise<ReadonlyMap<string, string>> => {
    const known = trees.get(tree);
    if (known !== undefined) return known;
    // What is not here may come later.
    if (!(await store.has(tree))) return new Map();
    const entries = parseTree(await text(await store.read(tree)), tree);
    const files = new Map(entries.map(({ digest, path }) => [digest, path]));
    trees.set(tree, files);
    return files;
  };

  return {
    files: filesOf,
    tree: async (digest) => text(await store.read(digest)),
    async holding({ rows }, digest) {
      const found: Holding[] = [];
      for (const versions of rows.values()) {
        for (const row of versions.values()) {
          if (row.withdrawn === true) continue;
          for (const [asset, reference] of Object.entries(productOf(row.manifest)?.assets ?? {})) {
            if (reference.digest === digest) found.push({ row, asset });
            else if (reference.kind !== 'file') {
              const path = (await filesOf(reference.digest)).get(digest);
              if (path !== undefined) found.push({ row, asset: `${asset}/${path}`, tree: reference.digest });
            }
          }
        }
      }
      return found;
    },
  };
}
