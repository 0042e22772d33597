/**
 * The `asset_store` service: where the content of assets lives. A packl replaces it with one of its own.
 *
 * References name content by digest; a store decides about folders, so a path may follow product, asset type and
 * revision. Whoever asks gives all of that.
 */
import type { AssetKind } from './asset-types.ts';

/** As the manifest of a product names it. */
export interface AssetReference {
  readonly type: string;
  readonly kind: AssetKind;
  /** `sha256:<hex>` of the file, or of the manifest of the folder or sequence */
  readonly digest: string;
  /** bytes, all files together */
  readonly size: number;
  readonly basename: string;
  readonly frames?: readonly number[] | undefined;
  readonly files?: number | undefined;
}

/** One asset of one version of a product. */
export interface AssetRef {
  readonly product: { readonly name: string; readonly version: string };
  /** its name in the product: `beauty` */
  readonly asset: string;
  readonly reference: AssetReference;
}

/** Content on disk that is to be stored. */
export interface AssetContent {
  /** `version` is the one that it will be published as, where that is known */
  readonly product: { readonly name: string; readonly version: string };
  readonly asset: string;
  readonly type: string;
  readonly kind: AssetKind;
  /** the file, the folder, or the files of the sequence */
  readonly paths: readonly string[];
}

/** What a reference says of content. */
export interface StoredAsset {
  readonly digest: string;
  /** bytes, all files together */
  readonly size: number;
  /** folders and sequences */
  readonly files?: number;
  /** sequences, ascending */
  readonly frames?: readonly number[];
}

/** An asset on disk, as actions and people see it. */
export interface MaterializedAsset {
  readonly kind: AssetKind;
  readonly type: string;
  /** the file, or the folder */
  readonly path: string;
  /** folder that holds the file or the frames */
  readonly dir: string;
  readonly frames?: readonly number[];
  /** frame → file */
  readonly files?: Readonly<Record<number, string>>;
}

export type MaterializeMode = 'hardlink' | 'reflink' | 'copy' | 'symlink' | 'edit';

export interface Materialize {
  /** folder that receives `reference.basename`; made when missing */
  readonly to: string;
  /** default `hardlink`; `edit` may be written */
  readonly mode?: MaterializeMode;
}

/**
 * A store promises: content that `put` returned stays, whole; the same content gives the same digest on every machine
 * (`folderStore` says which); nothing is materialized that is missing.
 */
export interface AssetStoreService {
  /** Where the content is or would be: a path, or a URL. */
  resolve(ref: AssetRef): string | Promise<string>;
  /** Undefined when it is not there. */
  stat(ref: AssetRef): Promise<{ readonly size: number } | undefined>;
  put(content: AssetContent): Promise<StoredAsset>;
  /** The bytes of a file. */
  get(ref: AssetRef): AsyncIterable<Uint8Array> | Promise<AsyncIterable<Uint8Array>>;
  /** Puts the content below a folder. */
  materialize(ref: AssetRef, how: Materialize): Promise<MaterializedAsset>;
  /** Reads everything again. Rejects for what is missing or damaged. */
  verify(ref: AssetRef): Promise<void>;
  dispose?(): void | Promise<void>;
}
