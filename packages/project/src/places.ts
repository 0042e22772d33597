/**
 * Where am I: the project, workarea, workspace and packl of a folder, by walking up to their root files.
 *
 * A project is also found through its workarea (which may stand elsewhere) and, before anything else,
 * through PIPL_PROJECT; a workspace through PIPL_WORKSPACE. Reads only.
 */
import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { once, type PiplError, piplError } from '@pipl/packl';
import { z } from 'zod';
import { readJson } from './atomic-file.ts';
import { type Project, readProject } from './project-file.ts';
import { remoteProject, RemoteFile } from './remote-project.ts';

export interface Where {
  /** the folder a command starts from; the current one when absent */
  readonly from?: string | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
}

export interface Workarea {
  readonly path: string;
  /** absolute path of its project when the workarea was made; absent when that is on another machine */
  readonly projectPath?: string;
  /** of the server of its project, when that is on another machine */
  readonly projectUrl?: string;
}

export interface Workspace {
  readonly path: string;
  readonly name: string;
}

const WorkareaFile = once(() => z.looseObject({ project_path: z.string() }));
const WorkspaceFile = once(() => z.looseObject({ name: z.string() }));

/** @throws PIPL_NO_PROJECT */
export async function findProject(where: Where = {}): Promise<Project> {
  const found = await anyProject(where);
  if (found !== undefined) return found;
  throw notFound('project', where, 'Make one: pipl proj create PATH; or name one: -C PATH.');
}

/** The project of a folder, here or on another machine; undefined where there is none. */
export async function anyProject(where: Where = {}): Promise<Project | undefined> {
  const path = await projectPath(where);
  return path === undefined ? remoteAt(where) : readProject(path);
}

/** The project's folder on this machine, undefined where there is none. */
export async function projectPath({ from, env = process.env }: Where): Promise<string | undefined> {
  const named = env['PIPL_PROJECT'];
  if (named) return (await exists(join(named, '.pipl'))) ? resolve(named) : undefined;
  const here = resolve(from ?? '.');
  const above = await walkUp(here, '.pipl');
  if (above !== undefined) return above;
  const area = await walkUp(here, '.workarea');
  if (area === undefined) return undefined;
  const { projectPath: told } = await readWorkarea(area);
  return told !== undefined && (await exists(join(told, '.pipl'))) ? told : undefined;
}

/** The project on another machine whose workarea this is. */
async function remoteAt({ from, env = process.env }: Where): Promise<Project | undefined> {
  if (env['PIPL_PROJECT']) return undefined;
  const area = await walkUp(resolve(from ?? '.'), '.workarea');
  const file =
    area === undefined ? undefined : RemoteFile().safeParse(await readJson(join(area, '.workarea')));
  return area !== undefined && file?.success === true ? remoteProject(area, file.data) : undefined;
}

/** The workarea of a folder; at the project's root, its default one. @throws PIPL_NO_WORKAREA */
export async function findWorkarea(where: Where = {}): Promise<Workarea> {
  const here = resolve(where.from ?? '.');
  const area = await walkUp(here, '.workarea');
  if (area !== undefined) return readWorkarea(area);
  const project = await projectPath(where);
  const usual = project && join(project, 'workspaces');
  if (usual && (await exists(join(usual, '.workarea')))) return readWorkarea(usual);
  throw notFound(
    'workarea',
    where,
    'Stand in a project, which has one (pipl proj create PATH makes one); or make one elsewhere: pipl work create-area PATH.',
  );
}

/** @throws PIPL_NO_WORKSPACE */
export async function findWorkspace(where: Where = {}): Promise<Workspace> {
  const path = await workspacePath(where);
  if (path === undefined)
    throw notFound('workspace', where, 'Make one: pipl work create NAME; or name one: -C PATH.');
  const parsed = WorkspaceFile().safeParse((await readJson(join(path, '.workspace'))) ?? {});
  return { path, name: parsed.success ? parsed.data.name : path.slice(path.lastIndexOf('/') + 1) };
}

export async function workspacePath({ from, env = process.env }: Where): Promise<string | undefined> {
  const above = await walkUp(resolve(from ?? '.'), '.workspace');
  const named = env['PIPL_WORKSPACE'];
  if (above !== undefined || !named) return above;
  return (await exists(join(named, '.workspace'))) ? resolve(named) : undefined;
}

/**
 * The folder of the packl that `from` stands in: the nearest package.json, never that of a workspace.
 * @throws PIPL_NO_PACKL
 */
export async function findPackl(where: Where = {}): Promise<string> {
  const path = await packlPath(where);
  if (path !== undefined) return path;
  throw notFound('packl', where, 'Make one: pipl packl create NAME; or stand in its folder: -C PATH.');
}

export async function packlPath({ from }: Where): Promise<string | undefined> {
  const path = await walkUp(resolve(from ?? '.'), 'package.json', '.workspace');
  return path !== undefined && (await exists(join(path, '.workspace'))) ? undefined : path;
}

/** The nearest folder above (or at) `from` that holds `file`; a folder that holds `end` is the last one. */
async function walkUp(from: string, file: string, end?: string): Promise<string | undefined> {
  for (let folder = from; ; folder = dirname(folder)) {
    if (await exists(join(folder, file))) return folder;
    if (folder === dirname(folder)) return undefined;
    if (end !== undefined && (await exists(join(folder, end)))) return undefined;
  }
}

async function readWorkarea(path: string): Promise<Workarea> {
  const json = await readJson(join(path, '.workarea'));
  const remote = RemoteFile().safeParse(json);
  if (remote.success) return { path, projectUrl: remote.data.project_url };
  const local = WorkareaFile().safeParse(json);
  if (local.success) return { path, projectPath: resolve(path, local.data.project_path) };
  throw piplError('invalid', 'PIPL_WORKAREA_FILE', {
    what: `${join(path, '.workarea')} does not name its project.`,
    why: 'It has neither a project_path nor a project_url with its project_name and default_index.',
    hint: 'Make the workarea again: pipl work create-area PATH.',
  });
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function notFound(
  word: 'project' | 'workarea' | 'workspace' | 'packl',
  { from, env }: Where,
  hint: string,
): PiplError {
  const named = word === 'project' ? (env ?? process.env)['PIPL_PROJECT'] : undefined;
  return piplError('notFound', `PIPL_NO_${word.toUpperCase()}`, {
    what: `There is no ${word} here.`,
    why: named
      ? `PIPL_PROJECT names ${named}, which is not a project.`
      : `Neither ${resolve(from ?? '.')} nor a folder above it is one.`,
    hint,
  });
}
