/** The reference that a product keeps of content that a store took in. */
import type { AssetReference } from '@pipl/packl';
import type { StoredAsset } from '@pipl/pipe';

export const asReference = (
  about: Pick<AssetReference, 'type' | 'kind' | 'basename'>,
  { digest, size, files, frames }: StoredAsset,
): AssetReference => ({
  type: about.type,
  kind: about.kind,
  digest,
  size,
  basename: about.basename,
  ...(frames === undefined ? {} : { frames: [...frames] }),
  ...(files === undefined ? {} : { files }),
});
