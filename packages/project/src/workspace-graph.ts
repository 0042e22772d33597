/**
 * The packls around the folder a person stands in, dependencies before dependents. Manifests are read, no code is
 * loaded.
 *
 * At the root of a workspace it is its only task, or its only packl, that is meant.
 */
import { join } from 'node:path';
import { type PacklGraph, parseManifest, piplError, taskOf } from '@pipl/packl';
import { graphAround } from '@pipl/pipe/discovery';
import { packlPath, type Where, workspacePath } from './places.ts';
import { packlsIn } from './workspace-packls.ts';

/** The folder of a workspace in which what its packls ask for under `groups.edit` is installed. */
export const editFolder = '.edit';

export interface AroundHere {
  readonly graph: PacklGraph;
  /** folder of the packl that is meant */
  readonly packl: string;
  readonly workspace: string | undefined;
}

export interface Looking extends Where {
  /** as a run sees it: without `groups.edit` and without what the workspace itself says */
  readonly ci?: boolean | undefined;
}

/** Undefined where no packl is meant. @throws PIPL_MANIFEST naming the packl that is wrong */
export async function graphHere({ ci, ...where }: Looking): Promise<AroundHere | undefined> {
  const workspace = await workspacePath(where);
  const packl =
    (await packlPath(where)) ?? (workspace === undefined ? undefined : await onlyPackl(workspace));
  if (packl === undefined) return undefined;
  const people =
    workspace === undefined || ci === true ? {} : { workspace, edit: join(workspace, editFolder) };
  return { graph: graphAround({ packl, parse: parseManifest, ...people }), packl, workspace };
}

/** @throws PIPL_NO_PACKL */
export async function mustGraphHere(looking: Looking): Promise<AroundHere> {
  const found = await graphHere(looking);
  if (found !== undefined) return found;
  throw piplError('notFound', 'PIPL_NO_PACKL', {
    what: 'It is not clear which packl is meant.',
    why: `${looking.from ?? 'This folder'} is in no packl, and its workspace does not have exactly one.`,
    hint: 'Stand in the folder of a packl, or name it: -C PATH.',
  });
}

async function onlyPackl(workspace: string): Promise<string | undefined> {
  const packls = await packlsIn(workspace);
  const tasks = packls.filter(({ manifest }) => taskOf(manifest) !== undefined);
  const meant = tasks.length > 0 ? tasks : packls;
  return meant.length === 1 ? meant[0]!.folder : undefined;
}
