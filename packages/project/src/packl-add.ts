/**
 * A dependency for a packl: found in the index first, then written as `^x.y.z` with a line of history, then
 * installed in the workspace, and the assets of a product checked out. A step that fails takes the earlier ones back.
 */
import {
  type AssetReference,
  type IndexName,
  type Manifest,
  parseSpec,
  piplError,
  productOf,
} from '@pipl/packl';
import type { RegistryClient } from '@pipl/registry-client';
import type { CheckedOutAssets, CheckoutAssets } from './assets-checkout.ts';
import { editPackl, type WrittenManifest } from './packl-file.ts';
import { chooseVersion } from './packument.ts';

export interface AddDependency {
  readonly client: RegistryClient;
  readonly index: IndexName;
  /** the packl's */
  readonly folder: string;
  /** `@film/frames` or `@film/frames@^1.2.0` */
  readonly spec: string;
  readonly comment?: string | undefined;
  /** the input slot of a task that it fills */
  readonly slot?: string | undefined;
  /** the slot takes several */
  readonly many?: boolean | undefined;
  /** for people's workspaces only, never for a run */
  readonly edit?: boolean | undefined;
  /** writes the exact version instead of `^x.y.z` */
  readonly exact?: boolean | undefined;
  /** what makes it usable in the workspace; when it fails the edit is undone */
  readonly install?: (() => Promise<void>) | undefined;
  /** puts the assets of a product where people find them; likewise */
  readonly checkout?: Checkout | undefined;
}

type Checkout = (found: Pick<CheckoutAssets, 'product' | 'assets'>) => Promise<CheckedOutAssets>;

export interface AddedDependency {
  readonly packl: string;
  readonly name: string;
  readonly range: string;
  /** what the range means now */
  readonly version: string;
  readonly slot?: string;
  /** of a product: its assets by name */
  readonly assets: Readonly<Record<string, AssetReference>>;
  /** where they are now */
  readonly checkedOut?: CheckedOutAssets;
}

/** @throws PIPL_NO_VERSION, PIPL_NO_PACKAGE (exit 11), PIPL_NOT_A_TASK (7), PIPL_SLOT_TAKEN (4), PIPL_INSTALL */
export async function addDependency(options: AddDependency): Promise<AddedDependency> {
  const { client, index, folder, slot, install, checkout } = options;
  const { name, range: asked } = parseSpec(options.spec);
  const { version, manifest } = await chooseVersion(client, { index, name, range: asked });
  const range = options.exact === true ? version : `^${version}`;
  const edit = await editPackl(folder, {
    comment: options.comment ?? `added ${name} ${range}`,
    edit: (written) => withDependency(written, { ...options, name, range }),
  });
  const assets = productOf(manifest)?.assets ?? {};
  let checkedOut: CheckedOutAssets | undefined;
  try {
    await install?.();
    if (Object.keys(assets).length > 0) checkedOut = await checkout?.({ product: { name, version }, assets });
  } catch (error) {
    await edit.undo();
    throw error;
  }
  return {
    packl: edit.manifest.name,
    name,
    range,
    version,
    ...(slot === undefined ? {} : { slot }),
    assets,
    ...(checkedOut === undefined ? {} : { checkedOut }),
  };
}

type Wanted = Pick<AddDependency, 'slot' | 'many' | 'edit'> & {
  readonly name: string;
  readonly range: string;
};

/** The manifest with the dependency in its place. Pure. */
export function withDependency(written: WrittenManifest, wanted: Wanted): WrittenManifest {
  const { name, range, slot, edit } = wanted;
  const pipl = (written['pipl'] ?? {}) as Exclude<Manifest['pipl'], undefined>;
  if (edit === true) {
    const groups = { ...pipl.groups, edit: { ...pipl.groups?.['edit'], [name]: range } };
    return { ...written, pipl: { ...pipl, groups } as never };
  }
  const dependencies = { ...(written['dependencies'] as Record<string, string> | undefined), [name]: range };
  const sorted = Object.fromEntries(Object.entries(dependencies).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  if (slot === undefined) return { ...written, dependencies: sorted };
  if (pipl.kind !== 'task') throw notATask(written.name, slot);
  const inputs = { ...pipl.inputs, [slot]: filled(pipl.inputs?.[slot], wanted) };
  return { ...written, dependencies: sorted, pipl: { ...pipl, inputs } as never };
}

function filled(before: string | readonly string[] | undefined, { name, slot, many }: Wanted) {
  if (Array.isArray(before) || many === true) return [...new Set([before ?? [], name].flat())];
  if (before === undefined || before === name) return name;
  throw piplError('conflict', 'PIPL_SLOT_TAKEN', {
    what: `The input ${slot} is filled already.`,
    why: `It reads ${String(before)}.`,
    hint: `If the type takes several there, say --many; else change "pipl.inputs.${slot}" in package.json.`,
  });
}

const notATask = (name: string, slot: string) =>
  piplError('invalid', 'PIPL_NOT_A_TASK', {
    what: `${name} has no input ${slot}.`,
    why: 'Only a task has inputs, and this packl is none.',
    hint: 'Leave --as out to add a plain dependency.',
  });
