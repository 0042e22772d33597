/**
 * Workspaces: isolated pnpm workspaces in which packls are edited, and what runs inside them.
 *
 * Their settings are those every pipl install has: the global virtual store, no waiting for a version to age,
 * no install scripts. The registry is the project's index; its line in `.npmrc` follows the server.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { type IndexName, piplError } from '@pipl/packl';
import { asPiplError, jsonText, readText, writeWhole } from './atomic-file.ts';
import { reader } from './credentials.ts';
import { blameEditGroup, removeEditGroup, writeEditGroup } from './edit-group.ts';
import { enterEnvsets, environmentHere, withEnvsets } from './environment.ts';
import { anyProject, exists, packlPath, type Workarea, type Workspace } from './places.ts';
import { pnpm, withoutPackageManager } from './pnpm.ts';
import type { Project } from './project-file.ts';
import { readServerAddress } from './project-file.ts';
import { runningServer } from './server.ts';
import { editFolder } from './workspace-graph.ts';
import { beforeWriting } from './watched.ts';

const settings = `# Written by pipl. Packls stand beside each other in this folder.
packages: ['*']
enableGlobalVirtualStore: true
minimumReleaseAge: 0
ignoreScripts: true
preferOffline: false
packageImportMethod: auto
autoInstallPeers: true
`;

/** @throws PIPL_WORKSPACE_NAME, PIPL_WORKSPACE_EXISTS (exit 4), PIPL_UNWRITABLE */
export async function createWorkspace(
  project: Project,
  { area, name }: { area: Workarea; name: string },
): Promise<Workspace> {
  if (!/^[A-Za-z0-9][\w.-]*$/.test(name)) {
    throw piplError('usage', 'PIPL_WORKSPACE_NAME', {
      what: `"${name}" is not a name for a workspace.`,
      why: 'It becomes a folder: letters, digits, dot, dash and underscore.',
      hint: 'For example: pipl work create sh010-comp',
    });
  }
  const path = join(area.path, name);
  if (await exists(path)) {
    throw piplError('conflict', 'PIPL_WORKSPACE_EXISTS', {
      what: `There is a ${name} in ${area.path} already.`,
      why: 'A workspace gets a folder of its own.',
      hint: `Use it: cd ${path}; or choose another name.`,
    });
  }
  beforeWriting(`make the workspace ${path}`);
  try {
    await mkdir(path);
    await writeFile(
      join(path, 'package.json'),
      jsonText({ name: `workspace-${name.toLowerCase()}`, private: true }),
    );
    await writeFile(join(path, 'pnpm-workspace.yaml'), settings);
    await writeFile(join(path, '.npmrc'), registryLine(await indexUrl(project)));
    const made = { created_by: userInfo().username, created_on: new Date().toISOString() };
    await writeFile(join(path, '.workspace'), jsonText({ schema: 1, name, ...made, project_id: project.id }));
  } catch (error) {
    await rm(path, { recursive: true, force: true });
    throw asPiplError(error, path);
  }
  return { path, name };
}

/** URL of an index: below the server's public URL, else where it listens, or would listen. */
export async function indexUrl(project: Project, index: IndexName = project.defaultIndex): Promise<string> {
  if (project.url !== undefined) return `${project.url}/${index}/`;
  const running = await runningServer(project);
  const { host, port, publicUrl } = await readServerAddress(project);
  return `${(publicUrl ?? running?.url ?? `http://${host}:${port}`).replace(/\/$/, '')}/${index}/`;
}

/**
 * Installs what the workspace's packls ask for.
 * @param ci as a run has it: nothing of the groups called edit @throws PIPL_INSTALL, PIPL_EDIT_GROUP, PIPL_EDIT_CONFLICT
 */
export async function installWorkspace(
  project: Project,
  workspace: Workspace,
  { ci = false }: { ci?: boolean | undefined } = {},
): Promise<void> {
  const install = () => pnpmIn(project, workspace, ['install', '--no-frozen-lockfile']);
  if (ci) {
    await removeEditGroup(workspace);
    return install();
  }
  // What was installed may ask for more; dependencies are no circle, so this ends.
  await writeEditGroup(workspace);
  do await install().catch((error: unknown) => blameEditGroup(workspace, error));
  while (await writeEditGroup(workspace));
}

/** Installs the newest that their ranges admit, of these names or of all. @throws PIPL_INSTALL */
export const refreshWorkspace = (
  project: Project,
  workspace: Workspace,
  names: readonly string[] = [],
): Promise<void> => pnpmIn(project, workspace, ['update', '--recursive', '--no-save', ...names]);

async function pnpmIn(project: Project, { path }: Workspace, args: readonly string[]): Promise<void> {
  const flags = ['--ignore-scripts', '--reporter=append-only'];
  const [registry, { token }] = await Promise.all([indexUrl(project), reader(project)]);
  await nameRegistry(path, registry);
  beforeWriting(`run pnpm ${args.join(' ')} in ${path}`);
  await pnpm([...args, ...flags], { cwd: path, login: { registry, token } });
}

/** Makes the workspace's `.npmrc` name the server where it listens now; other lines stay. @returns whether it did not */
export const followServer = async (project: Project, path: string): Promise<boolean> =>
  nameRegistry(path, await indexUrl(project));

async function nameRegistry(path: string, registry: string): Promise<boolean> {
  const file = join(path, '.npmrc');
  const before = (await readText(file)) ?? '';
  const line = registryLine(registry);
  const others = before.split('\n').filter((text) => text !== '' && !text.startsWith('registry='));
  const after = [line.trimEnd(), ...others, ''].join('\n');
  if (after !== before) await writeWhole(file, after);
  return after !== before;
}

const registryLine = (url: string): string => `registry=${url}\n`;

export interface EnvironmentAsked {
  readonly from: string;
  readonly env?: NodeJS.ProcessEnv;
  /** as a run has it: without what `groups.edit` brings */
  readonly ci?: boolean | undefined;
}

/**
 * The environment of a program in a workspace: what its envsets say, its packls' programs first on the PATH.
 * @throws PIPL_MANIFEST, PIPL_ENV_REFERENCE naming the packl that is wrong
 */
export async function workspaceEnvironment(
  workspace: Workspace,
  { from, env = process.env, ci }: EnvironmentAsked,
): Promise<NodeJS.ProcessEnv> {
  const path = env['PATH'] ?? '';
  const here = await environmentHere({ from, env: {}, path, ci });
  const packl = here?.packl ?? (await packlPath({ from }));
  const tools = join(workspace.path, editFolder);
  const edit = ci === true || !(await exists(tools)) ? [] : [tools];
  const bins = [...(packl === undefined ? [] : [packl]), workspace.path, ...edit].map((folder) =>
    join(folder, 'node_modules', '.bin'),
  );
  const own = withoutPackageManager(env);
  const composed = here === undefined ? own : withEnvsets(own, here.composed);
  return {
    ...composed,
    PATH: [...bins, composed['PATH'] ?? ''].join(delimiter),
    ...(packl === undefined ? {} : { PIPL_PACKL: packl }),
    ...(await assetsVariable(workspace)),
    PIPL_WORKSPACE: workspace.path,
    PIPL_PROMPT: `{${workspace.name}} `,
  };
}

/** Where `services` finds the project's own asset store; not with a project on another machine. */
async function assetsVariable({ path }: Workspace): Promise<NodeJS.ProcessEnv> {
  const project = await anyProject({ from: path, env: {} });
  return project === undefined || project.url !== undefined
    ? {}
    : { PIPL_ASSETS: join(project.system, 'assets') };
}

/**
 * Runs something in the environment of a workspace, inside what its envsets have run when a session begins and ends.
 * @returns what `work` returned @throws as {@link workspaceEnvironment}; PIPL_ENV_TEMPLATE, PIPL_ENV_ACTION
 */
export async function inWorkspace<T>(
  workspace: Workspace,
  asked: EnvironmentAsked & { readonly say: (line: string) => void },
  work: (env: NodeJS.ProcessEnv) => Promise<T>,
): Promise<T> {
  const here = await environmentHere({ from: asked.from, env: {}, path: '', ci: asked.ci });
  const env = await workspaceEnvironment(workspace, asked);
  const entered = await enterEnvsets(here?.composed ?? { templates: [] }, { env, say: asked.say });
  try {
    return await work(entered.env);
  } finally {
    await entered.leave();
  }
}
