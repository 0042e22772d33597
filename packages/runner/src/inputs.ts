/**
 * The products that fill the slots of a task, put where its actions find them.
 *
 * ```
 * inputs/<slot>/<asset>/…         a slot with one product
 * inputs/<slot>/<n>/<asset>/…     a slot with many, numbered from 0 in the order of the manifest
 * ```
 * The folder of an asset holds its file, the files of its folder, or its frames. Files are hard links to the
 * store where that is possible, and read-only.
 */
import { join } from 'node:path';
import { piplError, productOf, type AssetReference, type Ticket, type TicketInput } from '@pipl/packl';
import type { MaterializedAsset } from '@pipl/pipe';
import type { AssetPlace } from '@pipl/pipe/asset-place';
import { fetchPackl, type PacklSource } from './packls.ts';
import { safeName } from './safe-name.ts';

/** One input as the context of actions tells it. */
export interface Input {
  readonly name: string;
  readonly version: string;
  readonly type: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly assets: Readonly<Record<string, MaterializedAsset>>;
}

export interface InputsRequest {
  readonly ticket: Ticket;
  readonly source: PacklSource;
  /** where assets live, once that is known */
  readonly place: Promise<Pick<AssetPlace, 'materialize'>>;
  /** folder of all inputs */
  readonly dir: string;
}

export interface PlacedInputs {
  readonly inputs: Readonly<Record<string, Input | readonly Input[]>>;
  /** slot → its folder */
  readonly folders: Readonly<Record<string, string>>;
  /** with the digests that were checked out, in the order of the ticket */
  readonly used: readonly (TicketInput & { readonly assets: Readonly<Record<string, string>> })[];
}

interface Placed {
  readonly pin: TicketInput;
  readonly input: Input;
  readonly digests: Readonly<Record<string, string>>;
}

/** @throws what `fetchPackl` and the asset store throw; PIPL_NOT_A_PRODUCT */
export async function placeInputs(request: InputsRequest): Promise<PlacedInputs> {
  const { ticket, dir } = request;
  const slots = Object.entries(ticket.field.inputs);
  const placed = await Promise.all(
    slots.map(async ([slot, names]) => {
      const pins = ticket.inputs.filter((input) => input.slot === slot);
      const many = Array.isArray(names);
      const folder = join(dir, safeName(slot));
      const each = await Promise.all(
        pins.map((pin, at) => placeInput(pin, { ...request, dir: many ? join(folder, String(at)) : folder })),
      );
      return { slot, many, folder, each };
    }),
  );
  return {
    inputs: Object.fromEntries(placed.flatMap(({ slot, many, each }) => contextOf(slot, many, each))),
    folders: Object.fromEntries(placed.map(({ slot, folder }) => [slot, folder])),
    used: placed.flatMap(({ each }) => each.map(({ pin, digests }) => ({ ...pin, assets: digests }))),
  };
}

function contextOf(slot: string, many: boolean, each: readonly Placed[]): [string, Input | Input[]][] {
  const inputs = each.map(({ input }) => input);
  if (many) return [[slot, inputs]];
  const [only] = inputs;
  return only === undefined ? [] : [[slot, only]];
}

export async function placeInput(pin: TicketInput, { source, place, dir }: InputsRequest): Promise<Placed> {
  const { manifest } = await fetchPackl(pin, source);
  const product = productOf(manifest);
  if (product === undefined) {
    throw piplError('invalid', 'PIPL_NOT_A_PRODUCT', {
      what: `The input ${pin.slot} is ${pin.name}@${pin.version}, which is not a product.`,
      why: 'Only packls of kind "product" hold what a task can read.',
      hint: 'Name a product in the inputs of the task: `pipl packl show` says the kind of a packl.',
    });
  }
  const { name, version } = pin;
  const { materialize } = await place;
  const assets = await Promise.all(
    Object.entries(product.assets).map(async ([asset, written]) => {
      const { reference, to } = placeOf(dir, safeName(asset), written);
      const found = await materialize({ product: { name, version }, asset, reference }, { to });
      return [asset, found] as const;
    }),
  );
  const { type, metadata = {} } = product;
  return {
    pin,
    input: { name, version, type, metadata, assets: Object.fromEntries(assets) },
    digests: Object.fromEntries(Object.entries(product.assets).map(([asset, { digest }]) => [asset, digest])),
  };
}

/** A file keeps its name inside the asset's folder; a folder or sequence becomes the asset's folder. */
const placeOf = (dir: string, asset: string, reference: AssetReference) =>
  reference.kind === 'file'
    ? { reference, to: join(dir, asset) }
    : { reference: { ...reference, basename: asset }, to: dir };
