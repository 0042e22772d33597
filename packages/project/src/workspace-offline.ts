/**
 * Everything a workspace needs to go on without the server: installed packls, and the assets of every product that is
 * installed, also of those that products depend on.
 */
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { type Manifest, parseManifest, productOf } from '@pipl/packl';
import { readJson } from './atomic-file.ts';
import { checkedOutVersion, checkoutAssets } from './assets-checkout.ts';
import type { Workspace } from './places.ts';
import type { Project } from './project-file.ts';
import { packlsIn } from './workspace-packls.ts';
import { installWorkspace } from './workspaces.ts';

export interface OfflineAsset {
  /** beside which its files stand */
  readonly packl: string;
  readonly product: string;
  readonly version: string;
  /** bytes of its assets */
  readonly size: number;
}

/**
 * @returns what is here now, also what was here before
 * @throws PIPL_INSTALL, PIPL_ASSET_MISSING, PIPL_ASSETS_IN_THE_WAY, PIPL_SERVER_UNREACHABLE
 */
export async function prepareOffline({
  project,
  workspace,
}: {
  readonly project: Project;
  readonly workspace: Workspace;
}): Promise<readonly OfflineAsset[]> {
  await installWorkspace(project, workspace);
  const here: OfflineAsset[] = [];
  for (const { folder, name: packl, manifest } of await packlsIn(workspace.path)) {
    for (const product of await productsBelow(folder, manifest)) {
      const assets = productOf(product)?.assets ?? {};
      const { name, version } = product;
      if (Object.keys(assets).length === 0) continue;
      if ((await checkedOutVersion(folder, name)) !== version)
        await checkoutAssets({ project, folder, product: { name, version }, assets });
      const size = Object.values(assets).reduce((sum, asset) => sum + asset.size, 0);
      here.push({ packl, product: name, version, size });
    }
  }
  return here;
}

/** Each product once, the nearest version of it first found. */
async function productsBelow(folder: string, manifest: Manifest): Promise<Manifest[]> {
  const found = new Map<string, Manifest>();
  const waiting = [{ modules: join(folder, 'node_modules'), manifest }];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    for (const name of Object.keys(next.manifest.dependencies ?? {})) {
      if (found.has(name)) continue;
      const file = join(next.modules, name, 'package.json');
      const json = (await readJson(file)) as Manifest | undefined;
      if (json?.pipl?.kind !== 'product') continue;
      const product = parseManifest(json, file);
      found.set(name, product);
      // What a package depends on stands beside it, where pnpm keeps it.
      const place = await realpath(join(next.modules, name));
      waiting.push({ modules: place.slice(0, -name.length - 1), manifest: product });
    }
  }
  return [...found.values()];
}
