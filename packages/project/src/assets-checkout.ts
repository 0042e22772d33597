/**
 * The assets of a product beside the packl that asks for it: `assets/<product>/<asset>/…` in the packl's folder.
 *
 * The files are those of the store, read-only and shared with it. The folder of a product belongs to pipl: the
 * next version replaces it whole, and it never travels with the packl. One that is not pipl's is left alone.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AssetReference, piplError } from '@pipl/packl';
import { withAssetPlace } from './asset-place.ts';
import { asPiplError, jsonText, readJson } from './atomic-file.ts';
import { exists } from './places.ts';
import type { Project } from './project-file.ts';
import { beforeWriting } from './watched.ts';

/** Says that a folder was checked out by pipl. */
export const checkoutFile = '.pipl-checkout.json';

export interface CheckoutAssets {
  readonly project: Project;
  /** of the packl that asks for the product */
  readonly folder: string;
  readonly product: { readonly name: string; readonly version: string };
  readonly assets: Readonly<Record<string, AssetReference>>;
}

export interface CheckedOutAssets {
  /** absolute */
  readonly path: string;
  readonly milliseconds: number;
}

/** @throws PIPL_ASSETS_IN_THE_WAY (exit 4), PIPL_ASSET_MISSING, PIPL_ASSET_CORRUPT, PIPL_UNWRITABLE */
export async function checkoutAssets(options: CheckoutAssets): Promise<CheckedOutAssets> {
  const { project, folder, product, assets } = options;
  const began = performance.now();
  const path = checkoutFolder(folder, product.name);
  const before = await exists(path);
  if (before && !(await exists(join(path, checkoutFile)))) throw inTheWay(path, product.name);
  const building = join(folder, 'assets', `.${randomUUID()}.new`);
  beforeWriting(`check the assets of ${product.name}@${product.version} out into ${path}`);
  try {
    await mkdir(building, { recursive: true });
    await withAssetPlace({ project, folder }, async ({ materialize }) => {
      for (const [asset, reference] of Object.entries(assets))
        await materialize({ product, asset, reference }, { to: join(building, asset) });
    });
    await writeFile(join(building, checkoutFile), jsonText({ schema: 1, ...product }));
    if (before) await rm(path, { recursive: true });
    await rename(building, path);
  } catch (error) {
    await rm(building, { recursive: true, force: true });
    throw asPiplError(error, path);
  }
  return { path, milliseconds: performance.now() - began };
}

/** The version of a product whose assets stand beside a packl; undefined: none of pipl's do. */
export async function checkedOutVersion(folder: string, product: string): Promise<string | undefined> {
  const json = await readJson(join(checkoutFolder(folder, product), checkoutFile));
  return (json as { version?: string } | undefined)?.version;
}

/** Where the assets of a product stand beside a packl. */
export const checkoutFolder = (folder: string, product: string): string =>
  join(folder, 'assets', product.slice(product.indexOf('/') + 1));

const inTheWay = (path: string, name: string) =>
  piplError('conflict', 'PIPL_ASSETS_IN_THE_WAY', {
    what: `The assets of ${name} cannot be checked out.`,
    why: `${path} is there already, and pipl did not make it.`,
    hint: 'Move that folder away, or add the packl without its assets: --no-install',
  });
