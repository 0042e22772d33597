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

/** One asset on disk, for the methods of its type. */
export interface AssetOnDisk {
  readonly product: ProductIdentity;
  /** its name in the product: `beauty` */
  readonly asset: string;
  /** the file, or the folder of a folder or sequence */
  readonly path: string;
  /** folder that holds the file or the frames */
  readonly dir: string;
  /** sequences: frame → file, ascending; else empty */
  readonly frames: ReadonlyMap<number, string>;
}

type Done = void | Promise<void>;

/** What a type can do with its assets besides naming them; each is optional. */
export interface AssetMethods {
  /** Reports what is wrong with the content, one line each. `pipl asset lint` and publishing run it. */
  readonly lint?: ((asset: AssetOnDisk, report: (problem: string) => void) => Done) | undefined;
  /** Writes what shows the asset (an image, a film) into the folder `to`. `pipl asset preview` runs it. */
  readonly preview?: ((asset: AssetOnDisk, to: string) => Done) | undefined;
  /**
   * Writes the asset as the type wants it now into the folder `to`, and returns true; false where it is so already.
   * `pipl asset migrate` runs it.
   */
  readonly migrate?: ((asset: AssetOnDisk, to: string) => boolean | Promise<boolean>) | undefined;
}

export interface AssetType<Kind extends AssetKind = AssetKind> extends AssetMethods {
  readonly name: string;
  readonly kind: Kind;
  /** File name; of a sequence, of one frame, with the number before the extension: `sh010.0001.png`. */
  basename(naming: NamingOf<Kind>): string;
}

export function defineAssetType<const Kind extends AssetKind>(
  type: AssetMethods & {
    readonly name: string;
    readonly kind: Kind;
    readonly basename: (naming: NamingOf<Kind>) => string;
  },
): AssetType<Kind> {
  return type;
}
