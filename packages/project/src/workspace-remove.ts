/** Removing a workspace: never what nobody published, unless that is said. */
import { randomBytes } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { piplError } from '@pipl/packl';
import { asPiplError } from './atomic-file.ts';
import { exists, type Workarea, type Workspace } from './places.ts';
import type { Project } from './project-file.ts';
import { workspaceState } from './workspace-state.ts';
import { beforeWriting } from './watched.ts';

/** The workspace of that name in a workarea. @throws PIPL_NO_WORKSPACE (exit 3) */
export async function workspaceNamed(area: Workarea, name: string): Promise<Workspace> {
  const path = join(area.path, name);
  if (!name.includes('/') && name !== '' && (await exists(join(path, '.workspace')))) return { path, name };
  throw piplError('notFound', 'PIPL_NO_WORKSPACE', {
    what: `There is no workspace ${name} in ${area.path}.`,
    why: 'No folder of that name in it has a .workspace file.',
    hint: 'See which there are: pipl work list',
  });
}

/** What would be lost: `name@version`, one for each packl that is not published as it is here. */
export async function unpublishedWork(project: Project, workspace: Workspace): Promise<readonly string[]> {
  const { packls } = await workspaceState(project, workspace);
  return packls.filter(({ state }) => state !== 'published').map(({ name, version }) => `${name}@${version}`);
}

/** Gone at once for everybody else; its files are deleted after that. @throws PIPL_UNPUBLISHED (exit 4) */
export async function removeWorkspace(
  project: Project,
  { workspace, force = false }: { workspace: Workspace; force?: boolean | undefined },
): Promise<{ readonly name: string; readonly path: string }> {
  const { name, path } = workspace;
  // Who lets everything go need not have whole packls in it.
  const lost = force ? [] : await unpublishedWork(project, workspace);
  if (lost.length > 0) throw unpublished(name, lost);
  beforeWriting(`remove ${path}`);
  const away = join(dirname(path), `.${name}.${randomBytes(4).toString('hex')}.gone`);
  try {
    await rename(path, away);
    await rm(away, { recursive: true, force: true });
  } catch (error) {
    throw asPiplError(error, path);
  }
  return { name, path };
}

const unpublished = (name: string, lost: readonly string[]) =>
  piplError('conflict', 'PIPL_UNPUBLISHED', {
    what: `${name} holds work that nobody published.`,
    why: `${lost.join(', ')} would be gone.`,
    hint: `Publish it, or let it go: pipl work remove ${name} --force`,
    problems: lost,
  });
