/**
 * The one instance of services in a process, over the packls of the workspace or of the run it stands in.
 *
 * Which those are the environment says (a run, `work shell`, `work exec` and `pipl do` set it); else the packl around
 * the current folder. Nothing is read before it is asked for.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { piplError } from '@pipl/packl';
import { graphAround, type Surroundings } from './discovery.ts';
import { makeServices } from './make-services.ts';
import { claimProcess } from './one-instance.ts';
import type { Services } from './service-types.ts';

/** Folder of the packl that runs: a task of a run, or the packl a person stands in. */
export const packlVariable = 'PIPL_PACKL';
/** Root of the project's own asset store. */
export const assetsVariable = 'PIPL_ASSETS';

claimProcess(import.meta.url);

const all = makeServices({
  graph: () => graphAround(here(process.env, process.cwd())),
  own: { asset_store: ownStore },
});

export const workspaceServices: Services = all;

/** A configuration with where each of its values comes from. */
export const explainConfig = all.config.explain;

async function ownStore({ root }: Record<string, unknown>): Promise<unknown> {
  const at = typeof root === 'string' ? root : process.env[assetsVariable];
  if (at === undefined) {
    throw piplError('notFound', 'PIPL_ASSET_STORE_ROOT', {
      what: 'Nobody says where the asset store is.',
      why: `Neither config.asset_store.root nor ${assetsVariable} is set.`,
      hint: 'Run it in a workspace (pipl work exec -- COMMAND), or set "config": {"asset_store": {"root": …}} in a packl.',
    });
  }
  const { folderStore } = await import('./folder-store.ts');
  return folderStore(at);
}

/** @throws PIPL_NO_PACKL */
export function here(env: NodeJS.ProcessEnv, from: string): Surroundings {
  const packl = env[packlVariable] ?? packlAbove(from);
  const workspace = env['PIPL_TREE'] === undefined ? folderAbove(packl, '.workspace') : undefined;
  return {
    packl,
    tree: env['PIPL_TREE'],
    workspace,
    edit: workspace === undefined ? undefined : join(workspace, '.edit'),
  };
}

function packlAbove(from: string): string {
  const found = folderAbove(from, 'package.json');
  if (found !== undefined) return found;
  throw piplError('notFound', 'PIPL_NO_PACKL', {
    what: 'There is no packl here.',
    why: `Neither ${from} nor a folder above it has a package.json.`,
    hint: `Stand in the folder of a packl, or name one: ${packlVariable}=FOLDER`,
  });
}

function folderAbove(from: string, file: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, file))) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}
