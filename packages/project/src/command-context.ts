/**
 * What a command of a task for people finds: the same context that a run writes, made of a workspace.
 *
 * Inputs are the installed products, their assets beside the packl (`assets/<product>`). Outputs are folders of the
 * packl (`outputs/<slot>/<asset>`); where they are empty, what was published last is put there, to be looked at or
 * worked on.
 */
import { mkdir, readdir, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { frameOf } from '@pipl/assets';
import { type AssetReference, type Manifest, piplError, productOf, type TaskField } from '@pipl/packl';
import type { RegistryClient } from '@pipl/registry-client';
import { withAssetPlace } from './asset-place.ts';
import { checkedOutVersion, checkoutAssets, checkoutFolder } from './assets-checkout.ts';
import { readJson } from './atomic-file.ts';
import type { TaskDescription } from './describe-task.ts';
import { liveRows, newest } from './packl-types.ts';
import type { Project } from './project-file.ts';

export interface CommandPlace {
  readonly project: Project;
  /** of the task packl */
  readonly folder: string;
  readonly manifest: Manifest;
  readonly field: TaskField;
  readonly description: TaskDescription;
  readonly client: RegistryClient;
}

export interface CommandOutput {
  readonly name: string;
  /** the version that is there; of a product that nobody made yet 0.0.0 */
  readonly version: string;
  readonly type: string;
  readonly assets: Readonly<
    Record<string, { readonly kind: AssetReference['kind']; readonly type: string; readonly dir: string }>
  >;
}

export interface CommandContext {
  readonly task: { readonly name: string; readonly version: string };
  readonly type: string;
  readonly parameters: unknown;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, CommandOutput>>;
}

/** @throws PIPL_INPUT_MISSING (exit 3), PIPL_ASSET_MISSING */
export async function commandContext(place: CommandPlace): Promise<CommandContext> {
  const { manifest, field, description } = place;
  const empty = Object.keys(description.inputs).find((slot) => field.inputs[slot] === undefined);
  if (empty !== undefined && description.inputs[empty]?.many === false) throw slotEmpty(manifest.name, empty);
  const inputs: [string, unknown][] = [];
  for (const [slot, names] of Object.entries(field.inputs)) {
    const each = await Promise.all([names].flat().map((name) => inputOf(place, slot, name)));
    inputs.push([slot, Array.isArray(names) ? each : each[0]]);
  }
  const outputs: [string, CommandOutput][] = [];
  for (const [slot, name] of Object.entries(field.products))
    outputs.push([slot, await outputOf(place, slot, name)]);
  return {
    task: { name: manifest.name, version: manifest.version },
    type: field.type,
    parameters: description.parameters,
    inputs: Object.fromEntries(inputs),
    outputs: Object.fromEntries(outputs),
  };
}

async function inputOf({ project, folder }: CommandPlace, slot: string, name: string) {
  const manifest = (await readJson(join(folder, 'node_modules', name, 'package.json'))) as
    | Manifest
    | undefined;
  const product = manifest === undefined ? undefined : productOf(manifest);
  if (manifest === undefined || product === undefined) throw inputMissing(slot, name);
  const { version } = manifest;
  const { assets } = product;
  if ((await checkedOutVersion(folder, name)) !== version)
    await checkoutAssets({ project, folder, product: { name, version }, assets });
  const at = checkoutFolder(folder, name);
  const found = await Promise.all(
    Object.entries(assets).map(
      async ([asset, reference]) => [asset, await onDisk(join(at, asset), reference)] as const,
    ),
  );
  return {
    name,
    version,
    type: product.type,
    metadata: product.metadata ?? {},
    assets: Object.fromEntries(found),
  };
}

async function onDisk(folder: string, { kind, type, basename }: AssetReference) {
  const path = join(folder, basename);
  if (kind === 'file') return { kind, type, path, dir: folder };
  if (kind === 'folder') return { kind, type, path, dir: path };
  const named = (await readdir(path)).map((file) => [frameOf(file), join(path, file)] as const);
  const files = named
    .filter((one): one is readonly [number, string] => one[0] !== undefined)
    .toSorted(([a], [b]) => a - b);
  return {
    kind,
    type,
    path,
    dir: path,
    frames: files.map(([frame]) => frame),
    files: Object.fromEntries(files),
  };
}

async function outputOf(place: CommandPlace, slot: string, name: string): Promise<CommandOutput> {
  const { folder, description, client, project } = place;
  const shape = description.products[slot];
  const last = newest(await liveRows(client, project.defaultIndex, name), '*');
  const assets: Record<string, CommandOutput['assets'][string]> = {};
  for (const [asset, { kind, type }] of Object.entries(shape?.assets ?? {})) {
    const dir = join(folder, 'outputs', slot, asset);
    await mkdir(dir, { recursive: true });
    assets[asset] = { kind, type, dir };
    const reference = last === undefined ? undefined : productOf(last.manifest)?.assets[asset];
    if (last === undefined || reference === undefined || (await readdir(dir)).length > 0) continue;
    await placeOutput(place, { product: { name, version: last.version }, asset, reference, dir });
  }
  return { name, version: last?.version ?? '0.0.0', type: shape?.type ?? '', assets };
}

interface PlacedOutput {
  readonly product: { readonly name: string; readonly version: string };
  readonly asset: string;
  readonly reference: AssetReference;
  /** empty */
  readonly dir: string;
}

/** A file goes into the folder of its asset; a folder or sequence becomes that folder. */
async function placeOutput(
  place: CommandPlace,
  { product, asset, reference, dir }: PlacedOutput,
): Promise<void> {
  const isFile = reference.kind === 'file';
  if (!isFile) await rmdir(dir);
  const named = isFile ? reference : { ...reference, basename: asset };
  const to = isFile ? dir : dirname(dir);
  await withAssetPlace(place, ({ materialize }) =>
    materialize({ product, asset, reference: named }, { to, mode: 'edit' }),
  );
}

const slotEmpty = (task: string, slot: string) =>
  piplError('invalid', 'PIPL_SLOT_EMPTY', {
    what: `The input ${slot} of ${task} is not filled.`,
    why: `"pipl.inputs" in its package.json names no product for it.`,
    hint: `Name one: pipl packl add PRODUCT --as ${slot}`,
  });

const inputMissing = (slot: string, name: string) =>
  piplError('notFound', 'PIPL_INPUT_MISSING', {
    what: `The input ${slot} is not here.`,
    why: `${name} is not installed, or is no product: nobody may have published it yet.`,
    hint: 'Bring the workspace up to date: pipl work sync',
  });
