/** The store that a project starts with: a folder, content by digest. A store of one's own may stand on it. */
import { isAbsolute, join } from 'node:path';
import { openStore } from '@pipl/assets';
import { piplError } from '@pipl/packl';
import type { AssetContent, AssetRef, AssetStoreService, StoredAsset } from './asset-store.ts';

/** @param root absolute; made when the first content arrives @throws PIPL_ASSET_STORE_ROOT */
export function folderStore(root: string): AssetStoreService {
  if (!isAbsolute(root)) throw badRoot(root);
  const store = openStore(root);
  const pathOf = ({ reference: { digest } }: AssetRef): string => {
    const hex = digest.replace(/^sha256:/, '');
    return join(store.root, 'sha256', hex.slice(0, 2), hex);
  };
  return {
    resolve: pathOf,
    async stat(ref) {
      return (await store.has(ref.reference.digest)) ? { size: ref.reference.size } : undefined;
    },
    put: (content) => added(store, content),
    get: ({ reference }) => store.read(reference.digest),
    materialize: ({ reference }, { to, mode }) =>
      store.checkout({ reference: reference as never, to, ...(mode === undefined ? {} : { mode }) }),
    verify: ({ reference }) => store.verify(reference),
  };
}

async function added(
  { addFile, addFolder, addSequence }: ReturnType<typeof openStore>,
  { kind, paths }: AssetContent,
): Promise<StoredAsset> {
  switch (kind) {
    case 'file':
      return addFile(paths[0]!);
    case 'folder':
      return addFolder(paths[0]!);
    case 'sequence':
      return addSequence(paths);
  }
}

const badRoot = (root: string) =>
  piplError('invalid', 'PIPL_ASSET_STORE_ROOT', {
    what: `"${root}" cannot be the root of the asset store.`,
    why: 'Everybody must find it, from every folder: the path must be absolute.',
    hint: 'Mend config.asset_store.root; `pipl config explain asset_store.root` says who set it.',
  });
