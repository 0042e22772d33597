/**
 * A clean workspace for one packl: a copy that may be written to, with what the packl asks for beside it.
 *
 * `node_modules` is a link to that of the installed tree, so code of the packl finds its dependencies as it would
 * anywhere else, and nothing more: no devDependencies, no `groups`.
 */
import { cp, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';

export interface WorkspaceRequest {
  /** made by this */
  readonly dir: string;
  /** the unpacked packl; undefined for a workspace that holds none */
  readonly packl: string | undefined;
  /** root of the installed tree; undefined when nothing is asked for */
  readonly tree: string | undefined;
}

export async function makeWorkspace({ dir, packl, tree }: WorkspaceRequest): Promise<string> {
  await mkdir(dir, { recursive: true });
  if (packl !== undefined) await cp(packl, dir, { recursive: true });
  if (tree !== undefined) await symlink(join(tree, 'node_modules'), join(dir, 'node_modules'), 'dir');
  return dir;
}
