/** Outputs of a task as its steps see them: where each asset goes and what it is called there. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { AssetType, ProductIdentity } from './asset-types.ts';
import { shortNameOf, type WrittenOutput } from './context.ts';
import type { Makes, ProductType } from './product-types.ts';

export interface OutputFile {
  readonly kind: 'file';
  readonly path: string;
  readonly dir: string;
}

export interface OutputFolder {
  readonly kind: 'folder';
  readonly dir: string;
}

export interface OutputSequence {
  readonly kind: 'sequence';
  readonly dir: string;
  /** Where one frame goes. */
  frame(frame: number): string;
  /** The frames that are there now: frame → file, ascending. */
  written(): ReadonlyMap<number, string>;
}

type OutputAsset<T extends AssetType> =
  T extends AssetType<'sequence'>
    ? OutputSequence
    : T extends AssetType<'folder'>
      ? OutputFolder
      : OutputFile;

type OutputProduct<P extends ProductType> = {
  readonly [A in keyof P['assets']]: OutputAsset<P['assets'][A]>;
} & {
  readonly product: ProductIdentity;
};

export type Outputs<M extends Makes> = { readonly [Slot in keyof M]: OutputProduct<M[Slot]> };

/** @throws Error when the context lacks a slot or an asset that the types make */
export function outputsOf(makes: Makes, written: Readonly<Record<string, WrittenOutput>>): Outputs<Makes> {
  const outputs = Object.entries(makes).map(([slot, type]) => {
    const given = written[slot];
    if (given === undefined) throw new Error(`Output ${slot}: the context names no ${type.name} to make.`);
    const product = { name: given.name, shortName: shortNameOf(given.name), version: given.version };
    const assets = Object.entries(type.assets).map(([asset, assetType]) => {
      const dir = given.assets[asset]?.dir;
      if (dir === undefined) throw new Error(`Output ${slot}: the context has no folder for "${asset}".`);
      return [asset, assetIn(dir, assetType, product)];
    });
    return [slot, { ...Object.fromEntries(assets), product }];
  });
  return Object.fromEntries(outputs) as Outputs<Makes>;
}

function assetIn(
  dir: string,
  type: AssetType,
  product: ProductIdentity,
): OutputFile | OutputFolder | OutputSequence {
  const naming = { product, revision: product.version };
  if (type.kind === 'folder') return { kind: 'folder', dir };
  if (type.kind === 'file') return { kind: 'file', dir, path: join(dir, type.basename(naming as never)) };
  return {
    kind: 'sequence',
    dir,
    frame(frame) {
      const name = type.basename({ ...naming, frame });
      if (frameOf(name) === frame) return join(dir, name);
      throw new Error(
        `Asset type ${type.name} calls frame ${frame} "${name}": the number must come before the extension.`,
      );
    },
    written: () => framesIn(dir),
  };
}

const frameOf = (name: string): number | undefined => {
  const digits = /(?:^|[._])(-?\d+)(?:\.[A-Za-z0-9]+)+$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
};

function framesIn(dir: string): ReadonlyMap<number, string> {
  const frames = readdirSync(dir)
    .map((name) => [frameOf(name), join(dir, name)] as const)
    .filter((entry): entry is [number, string] => entry[0] !== undefined)
    .toSorted(([a], [b]) => a - b);
  return new Map(frames);
}

/** One line for each asset that is not there as its kind asks. */
export function missingOutputs(makes: Makes, written: Readonly<Record<string, WrittenOutput>>): string[] {
  return Object.entries(makes).flatMap(([slot, type]) =>
    Object.entries(type.assets).flatMap(([asset, { kind }]) => {
      const dir = written[slot]?.assets[asset]?.dir;
      const names = dir === undefined ? [] : readdirSync(dir);
      if (kind === 'file' ? names.length === 1 : names.length > 0) return [];
      const found = names.length === 0 ? 'nothing' : names.toSorted().join(', ');
      return [`output ${slot}.${asset} must be ${wanted[kind]}; its folder holds ${found}`];
    }),
  );
}

const wanted = { file: 'exactly one file', folder: 'at least one file', sequence: 'at least one frame' };
