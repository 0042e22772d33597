/**
 * What the actions left in the output folders, as products: content to the asset store, a packl for each product,
 * all of them published as one release.
 *
 * ```
 * outputs/<slot>/<asset>/    one file · the files of a folder · files with a frame number before the extension
 * ```
 * A product depends on the packl that declares its type and on nothing else: its inputs are provenance, so that
 * an unchanged product stops the wave.
 */
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  piplError,
  provenanceFile,
  type AssetReference,
  type Manifest,
  type Ticket,
  type TicketProduct,
} from '@pipl/packl';
import type { AssetContent, StoredAsset } from '@pipl/pipe';
import type { AssetPlace } from '@pipl/pipe/asset-place';
import { packTarball, type Envelope, type ReleasePackl } from '@pipl/registry-client';
import { safeName } from './safe-name.ts';
import type { ProductShape } from './template.ts';

export interface Output {
  readonly name: string;
  readonly version: string;
  readonly type: string;
  readonly assets: Readonly<Record<string, { kind: string; type: string; dir: string }>>;
}

export interface ProductsRequest {
  readonly ticket: Ticket;
  readonly shapes: Readonly<Record<string, ProductShape>>;
  /** folder of all outputs */
  readonly dir: string;
}

/** Makes the folders that actions write to. @throws PIPL_NO_SLOT when ticket and type disagree */
export function makeOutputs({ ticket, shapes, dir }: ProductsRequest): Record<string, Output> {
  const outputs = ticket.products.map((product): [string, Output] => {
    const { type, assets } = shapeOf(product, shapes);
    const places = Object.entries(assets).map(([asset, shape]): [string, Output['assets'][string]] => [
      asset,
      { ...shape, dir: join(dir, safeName(product.slot), safeName(asset)) },
    ]);
    mkdirSync(join(dir, product.slot), { recursive: true });
    for (const [, place] of places) mkdirSync(place.dir);
    const { name, version } = product;
    return [product.slot, { name, version, type, assets: Object.fromEntries(places) }];
  });
  return Object.fromEntries(outputs);
}

/** Takes the content in. @throws PIPL_OUTPUT_MISSING; what the asset store refuses */
export async function collectProducts(
  request: ProductsRequest & { place: Pick<AssetPlace, 'put'> },
): Promise<{ manifest: Manifest; assets: Record<string, AssetReference> }[]> {
  const { ticket, shapes, dir, place } = request;
  return Promise.all(
    ticket.products.map(async (product) => {
      const shape = shapeOf(product, shapes);
      const assets = await Promise.all(
        Object.entries(shape.assets).map(async ([asset, { type, kind }]) => {
          const at = { dir: join(dir, product.slot, asset), where: `${product.slot}.${asset}` };
          return [asset, await collectAsset(place, { ...at, product, asset, type, kind })] as const;
        }),
      );
      const references = Object.fromEntries(assets);
      return { manifest: manifestOf(ticket, { product, shape, references }), assets: references };
    }),
  );
}

interface Collected {
  readonly dir: string;
  /** slot.asset, for people */
  readonly where: string;
  readonly product: Pick<TicketProduct, 'name' | 'version'>;
  readonly asset: string;
  readonly type: string;
  readonly kind: AssetReference['kind'];
}

async function collectAsset(
  { put }: Pick<AssetPlace, 'put'>,
  { dir, where, product: { name, version }, asset, type, kind }: Collected,
): Promise<AssetReference> {
  const names = readdirSync(dir);
  const [first] = names;
  if (first === undefined || (kind === 'file' && names.length > 1)) throw missing(where, kind, names);
  const content: AssetContent = {
    product: { name, version },
    asset,
    type,
    kind,
    paths: pathsOf(kind, dir, names),
  };
  return { type, kind, basename: kind === 'file' ? first : asset, ...plain(await put(content)) };
}

const pathsOf = (kind: AssetReference['kind'], dir: string, names: readonly string[]): string[] =>
  kind === 'folder' ? [dir] : names.map((name) => join(dir, name));

const plain = ({ digest, size, files, frames }: StoredAsset) => ({
  digest,
  size,
  ...(files === undefined ? {} : { files }),
  ...(frames === undefined ? {} : { frames: [...frames] }),
});

const wanted = { file: 'exactly one file', folder: 'at least one file', sequence: 'at least one frame' };

const missing = (where: string, kind: AssetReference['kind'], names: readonly string[]) =>
  piplError('taskFailed', 'PIPL_OUTPUT_MISSING', {
    what: `The output ${where} is missing: it must be ${wanted[kind]}.`,
    why: names.length === 0 ? 'Its folder is empty.' : `Its folder holds ${names.toSorted().join(', ')}.`,
    hint: 'The actions of the task write it to the folder that their context names.',
  });

function shapeOf(
  { slot, name }: TicketProduct,
  shapes: Readonly<Record<string, ProductShape>>,
): ProductShape {
  const shape = shapes[slot];
  if (shape !== undefined) return shape;
  throw piplError('invalid', 'PIPL_NO_SLOT', {
    what: `The task makes ${name} in the slot "${slot}", which its type does not have.`,
    why: `The type makes ${Object.keys(shapes).join(', ') || 'nothing'}.`,
    hint: 'Correct pipl.products of the task.',
  });
}

interface Made {
  readonly product: TicketProduct;
  readonly shape: ProductShape;
  readonly references: Record<string, AssetReference>;
}

function manifestOf(ticket: Ticket, { product, shape, references }: Made): Manifest {
  const { declaredBy, type } = shape;
  const { task, attempt, inputs, previous = [] } = ticket;
  return {
    name: product.name,
    version: product.version,
    type: 'module',
    ...(declaredBy === undefined ? {} : { dependencies: { [declaredBy.name]: `^${declaredBy.version}` } }),
    pipl: {
      kind: 'product',
      type,
      assets: references,
      made: {
        by: `${task.name}@${task.version}`,
        run: attempt,
        inputs: Object.fromEntries([...inputs, ...previous].map(({ name, version }) => [name, version])),
      },
    },
  };
}

export interface PackedProduct extends ReleasePackl {
  /** all that the tarball holds */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

export async function packProduct(manifest: Manifest, provenance?: Envelope): Promise<PackedProduct> {
  const asText = (json: unknown) => Buffer.from(`${JSON.stringify(json, undefined, 2)}\n`);
  const files = new Map([['package.json', asText(manifest)]]);
  if (provenance !== undefined) files.set(provenanceFile, asText(provenance));
  const { tarball, integrity } = await packTarball(files);
  return { manifest, integrity, tarball, files };
}
