/** Inputs of a task as its steps see them: the products it reads, on disk, by the names in their type. */
import type { AssetType, ProductIdentity } from './asset-types.ts';
import { shortNameOf, type WrittenInput } from './context.ts';
import type { Many, Needs, ProductType } from './product-types.ts';
import { formatRange } from './int-range.ts';

export interface InputFile {
  readonly kind: 'file';
  readonly path: string;
}

export interface InputFolder {
  readonly kind: 'folder';
  readonly dir: string;
}

export interface InputSequence {
  readonly kind: 'sequence';
  readonly dir: string;
  /** ascending */
  readonly frames: readonly number[];
  /** File of one frame. @throws Error when the sequence does not have it */
  frame(frame: number): string;
}

type InputAsset<T extends AssetType> =
  T extends AssetType<'sequence'> ? InputSequence : T extends AssetType<'folder'> ? InputFolder : InputFile;

export interface InputIdentity extends ProductIdentity {
  readonly metadata: Readonly<Record<string, unknown>>;
}

export type InputProduct<P extends ProductType> = {
  readonly [A in keyof P['assets']]: InputAsset<P['assets'][A]>;
} & {
  readonly product: InputIdentity;
};

export type Inputs<N extends Needs> = {
  readonly [Slot in keyof N]: N[Slot] extends Many<infer P>
    ? readonly InputProduct<P>[]
    : N[Slot] extends ProductType
      ? InputProduct<N[Slot]>
      : never;
};

/** @throws Error when the context lacks a slot or an asset that the types ask for */
export function inputsOf(
  needs: Needs,
  written: Readonly<Record<string, WrittenInput | readonly WrittenInput[]>>,
): Inputs<Needs> {
  const inputs = Object.entries(needs).map(([slot, need]) => {
    const given = written[slot];
    const products = given === undefined ? [] : Array.isArray(given) ? given : [given as WrittenInput];
    if ('many' in need) return [slot, products.map((product) => inputOf(slot, need.many, product))];
    const [only] = products;
    if (only === undefined || products.length > 1) {
      throw new Error(`Input ${slot} takes one ${need.name}; the context gives ${products.length}.`);
    }
    return [slot, inputOf(slot, need, only)];
  });
  return Object.fromEntries(inputs) as Inputs<Needs>;
}

export function inputOf(slot: string, type: ProductType, written: WrittenInput): InputProduct<ProductType> {
  const { name, version, metadata = {} } = written;
  const assets = Object.entries(type.assets).map(([asset, { kind }]) => {
    const found = written.assets[asset];
    if (found?.kind !== kind) {
      throw new Error(
        `Input ${slot}: ${name}@${version} has no ${kind} "${asset}", which ${type.name} promises.`,
      );
    }
    return [asset, assetOf(`${name}@${version}`, found)];
  });
  const product: InputIdentity = { name, shortName: shortNameOf(name), version, metadata };
  return { ...Object.fromEntries(assets), product } as InputProduct<ProductType>;
}

function assetOf(
  owner: string,
  asset: WrittenInput['assets'][string],
): InputFile | InputFolder | InputSequence {
  if (asset.kind === 'file') return { kind: 'file', path: asset.path };
  if (asset.kind === 'folder') return { kind: 'folder', dir: asset.dir };
  const { dir, frames = [], files = {} } = asset;
  return {
    kind: 'sequence',
    dir,
    frames,
    frame(frame) {
      const file = files[String(frame)];
      if (file === undefined)
        throw new Error(`${owner} has no frame ${frame}: it has ${formatRange(frames)}.`);
      return file;
    },
  };
}
