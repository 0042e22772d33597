/**
 * Products made by hand: a product packl says in code what its assets are made of, and finds the products that it
 * depends on by their type.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AssetRef, AssetReference } from './asset-store.ts';
import { folderOf } from './folder-of.ts';
import type { ProductType } from './product-types.ts';

/** A product packl that is installed beside this one. */
export interface InstalledProduct<P extends ProductType = ProductType> {
  readonly name: string;
  readonly version: string;
  /** `@film/pipeline/products#Model` */
  readonly type: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** for the asset store: `store.materialize(model.assets.scene, { to })` */
  readonly assets: { readonly [Asset in keyof P['assets']]: AssetRef };
}

export interface ProductDependencies {
  /** The installed dependencies that are products of a type, by name. @throws Error where there is no packl */
  ofType<P extends ProductType>(type: P): readonly InstalledProduct<P>[];
  ofType(name: string): readonly InstalledProduct[];
}

export interface Product<P extends ProductType = ProductType> {
  readonly type: P;
  /** asset → its file, its folder, or the files of its sequence, relative to the packl */
  readonly assets: { readonly [Asset in keyof P['assets']]: string | readonly string[] };
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly dependencies: ProductDependencies;
}

/**
 * What a product packl is made of. Its manifest names it (`"product": "./product#Bunny"`); `pipl asset add` without
 * arguments takes all of it in.
 */
export function defineProduct<const P extends ProductType>({
  type,
  assets,
  metadata = {},
}: Pick<Product<P>, 'type' | 'assets'> & Partial<Pick<Product<P>, 'metadata'>>): Product<P> {
  const dependencies = { ofType: (wanted: string | ProductType) => installed(nameOf(wanted)) as never };
  return { type, assets, metadata, dependencies };
}

const nameOf = (type: string | ProductType): string => (typeof type === 'string' ? type : type.name);

interface Written {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly pipl?: {
    readonly kind: string;
    readonly type: string;
    readonly metadata?: Readonly<Record<string, unknown>>;
    readonly assets?: Readonly<Record<string, AssetReference>>;
  };
}

/** Around the packl that the environment names, else around the current folder. */
function installed(type: string): InstalledProduct[] {
  const packl = process.env['PIPL_PACKL'] ?? process.cwd();
  const { dependencies = {} } = manifestIn(packl);
  return Object.keys(dependencies)
    .toSorted()
    .flatMap((dependency) => {
      const folder = folderOf(dependency, [packl]);
      const { name, version, pipl } = folder === undefined ? ({} as Partial<Written>) : manifestIn(folder);
      if (pipl?.kind !== 'product' || !pipl.type.endsWith(`#${type}`)) return [];
      const product = { name: name!, version: version! };
      const assets = Object.entries(pipl.assets ?? {}).map(([asset, reference]): [string, AssetRef] => [
        asset,
        { product, asset, reference },
      ]);
      const { metadata = {} } = pipl;
      return [{ ...product, type: pipl.type, metadata, assets: Object.fromEntries(assets) }];
    });
}

const manifestIn = (folder: string): Written =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Written;
