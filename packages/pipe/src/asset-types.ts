/** Asset types: what an asset is on disk and what its files are called. */

export type AssetKind = 'file' | 'folder' | 'sequence';

export interface ProductIdentity {
  /** `@film/sh010-frames` */
  readonly name: string;
  /** `sh010-frames` */
  readonly shortName: string;
  readonly version: string;
}

export interface Naming {
  readonly product: ProductIdentity;
  /** The version of the product. Leave it out of the names of sequences and folders: names are part of their content. */
  readonly revision: string;
}

export interface FrameNaming extends Naming {
  readonly frame: number;
}

type NamingOf<Kind extends AssetKind> = Kind extends 'sequence' ? FrameNaming : Naming;

export interface AssetType<Kind extends AssetKind = AssetKind> {
  readonly name: string;
  readonly kind: Kind;
  /** File name; of a sequence, of one frame, with the number before the extension: `sh010.0001.png`. */
  basename(naming: NamingOf<Kind>): string;
}

export function defineAssetType<const Kind extends AssetKind>(type: {
  readonly name: string;
  readonly kind: Kind;
  readonly basename: (naming: NamingOf<Kind>) => string;
}): AssetType<Kind> {
  return type;
}
