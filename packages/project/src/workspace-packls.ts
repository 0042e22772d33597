/** The packls of a workspace: the folders in it that have a package.json. Reads only. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Manifest, taskOf } from '@pipl/packl';
import { asPiplError } from './atomic-file.ts';
import { readPackl } from './packl-file.ts';
import { exists } from './places.ts';

export interface WorkspacePackl {
  /** absolute */
  readonly folder: string;
  readonly name: string;
  readonly version: string;
  readonly manifest: Manifest;
}

/** By name. @param workspace its folder @throws PIPL_MANIFEST when one of them is broken */
export async function packlsIn(workspace: string): Promise<readonly WorkspacePackl[]> {
  const entries = await readdir(workspace, { withFileTypes: true }).catch((error: unknown) => {
    throw asPiplError(error, workspace);
  });
  const found: WorkspacePackl[] = [];
  for (const entry of entries) {
    const folder = join(workspace, entry.name);
    if (!entry.isDirectory() || entry.name.startsWith('.') || entry.name === 'node_modules') continue;
    if (!(await exists(join(folder, 'package.json')))) continue;
    const { manifest } = await readPackl(folder);
    found.push({ folder, name: manifest.name, version: manifest.version, manifest });
  }
  return found.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Names of the tasks, where there are several: a workspace is for one. */
export function crowdedTasks(
  packls: readonly Pick<WorkspacePackl, 'name' | 'manifest'>[],
): readonly string[] {
  const tasks = packls.filter(({ manifest }) => taskOf(manifest) !== undefined).map(({ name }) => name);
  return tasks.length > 1 ? tasks : [];
}
