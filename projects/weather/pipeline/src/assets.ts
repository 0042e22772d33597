/** Asset types of the weather project: one file each, named after its product and version. */
import { defineAssetType } from '@pipl/pipe';

const file = (name: string, extension: string) =>
  defineAssetType({
    name,
    kind: 'file',
    basename: ({ product, revision }) => `${product.shortName}_v${revision}.${extension}`,
  });

export const Csv = file('Csv', 'csv');
export const Json = file('Json', 'json');
export const Svg = file('Svg', 'svg');
export const Page = file('Page', 'html');
