/** Asset types of the film. */
import { defineAssetType } from '@pipl/pipe';

export const GltfScene = defineAssetType({
  name: 'GltfScene',
  kind: 'file',
  basename: ({ product, revision }) => `${product.shortName}_v${revision}.glb`,
});

export const FrameSequence = defineAssetType({
  name: 'FrameSequence',
  kind: 'sequence',
  basename: ({ product, frame }) => `${product.shortName}.${String(frame).padStart(4, '0')}.png`,
});

export const Mp4 = defineAssetType({
  name: 'Mp4',
  kind: 'file',
  basename: ({ product, revision }) => `${product.shortName}_v${revision}.mp4`,
});

export const Picture = defineAssetType({
  name: 'Picture',
  kind: 'file',
  basename: ({ product, revision }) => `${product.shortName}_v${revision}_sheet.png`,
});
