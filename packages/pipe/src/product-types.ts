/** Product types: which assets a product holds. */
import type { AssetType } from './asset-types.ts';

export type Assets = Readonly<Record<string, AssetType>>;

export interface ProductType<A extends Assets = Assets, Name extends string = string> {
  readonly name: Name;
  readonly assets: A;
}

/** @throws TypeError for an asset called `product`: that is where an input says which product it is */
export function defineProductType<const A extends Assets, const Name extends string>(type: {
  readonly name: Name;
  readonly assets: A;
}): ProductType<A, Name> {
  if ('product' in type.assets) {
    throw new TypeError(
      `Product type ${type.name}: an asset cannot be called "product", inputs use that name.`,
    );
  }
  return type;
}

export function isProductType(value: unknown): value is ProductType {
  const { name, assets } = Object(value) as { name?: unknown; assets?: unknown };
  if (typeof name !== 'string' || typeof assets !== 'object' || assets === null) return false;
  return Object.values(assets).every((asset: unknown) => {
    const type = Object(asset) as { name?: unknown; kind?: unknown };
    return typeof type.name === 'string' && typeof type.kind === 'string';
  });
}

/** A slot that takes several products of one type. */
export interface Many<P extends ProductType = ProductType> {
  readonly many: P;
}

export const many = <P extends ProductType>(type: P): Many<P> => ({ many: type });

export type Needs = Readonly<Record<string, ProductType | Many>>;
export type Makes = Readonly<Record<string, ProductType>>;

export const productTypeOf = (need: ProductType | Many): ProductType => ('many' in need ? need.many : need);
