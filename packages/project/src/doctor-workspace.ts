/** The workspace that one stands in: its settings, its packls, what they have installed and declare. */
import { join } from 'node:path';
import { readText } from './atomic-file.ts';
import { aroundEach, conflictsOf, severalVersions, unmetPeers } from './doctor-graph.ts';
import { type Check, type Examined, type Finding, ok } from './doctor-words.ts';
import { anyProject, findWorkspace, type Workspace, workspacePath } from './places.ts';
import { workspaceState } from './workspace-state.ts';
import { packlsIn } from './workspace-packls.ts';
import { followServer, indexUrl } from './workspaces.ts';
import type { Project } from './project-file.ts';

type Found = Omit<Finding, 'check'>;

export async function workspaceChecks({ where, fix }: Examined): Promise<Check[]> {
  if ((await workspacePath(where)) === undefined) return [];
  const project = await anyProject(where).catch(() => undefined);
  const workspace = await findWorkspace(where);
  if (project === undefined) return [];
  return [
    { check: 'workspace', run: () => packls(project, workspace) },
    { check: 'registry', run: () => registry(project, { workspace, fix }) },
    { check: 'entry points', run: () => entryPoints(workspace) },
    { check: 'dependencies', run: () => dependencies(workspace) },
    { check: 'one framework', run: () => oneFramework(workspace) },
  ];
}

async function packls(project: Project, workspace: Workspace): Promise<Found[]> {
  const { packls: all, tasks } = await workspaceState(project, workspace);
  const byHand = all.filter((packl) => packl.byHand).map(({ name }) => name);
  return [
    ...ok(`${workspace.name}: ${all.length} packl${all.length === 1 ? '' : 's'}`),
    ...(byHand.length === 0
      ? []
      : [
          {
            state: 'warning',
            what: `Edited by hand: ${byHand.join(', ')}.`,
            fix: 'pipl packl log --record -m WHY',
          } as const,
        ]),
    ...(tasks.length === 0
      ? []
      : [
          {
            state: 'warning',
            what: `Several tasks: ${tasks.join(', ')}.`,
            fix: 'pipl work create NAME',
          } as const,
        ]),
  ];
}

async function registry(
  project: Project,
  { workspace, fix }: { workspace: Workspace; fix: boolean },
): Promise<Found[]> {
  const wanted = await indexUrl(project);
  const text = (await readText(join(workspace.path, '.npmrc'))) ?? '';
  if (text.split('\n').includes(`registry=${wanted}`)) return ok(`Installs come from ${wanted}`);
  const what = `.npmrc does not name ${wanted}, where the server is now.`;
  const problem = { state: 'problem', what, fix: 'pipl work sync' } as const;
  if (!fix) return [problem];
  await followServer(project, workspace.path);
  return [{ ...problem, done: 'It does now.' }];
}

/** What the packls here and all that they stand on declare: the same name by two that do not know each other. */
async function entryPoints(workspace: Workspace): Promise<Found[]> {
  const all = (await around(workspace)).flatMap(({ manifests }) => manifests);
  const found = conflictsOf([...new Map(all.map((one) => [`${one.name}@${one.version}`, one])).values()]);
  return found.length === 0 ? ok('No two packls declare the same name.') : found;
}

/** Of a packl there is one version, and who asks for a peer finds one that fits. */
async function dependencies(workspace: Workspace): Promise<Found[]> {
  const all = (await around(workspace)).flatMap((one) => [...severalVersions(one), ...unmetPeers(one)]);
  const found = [...new Map(all.map((one) => [one.what, one])).values()]; // several packls may stand on it
  return found.length === 0 ? ok('One version of each packl, and every peer is met.') : found;
}

const around = async (workspace: Workspace) =>
  aroundEach((await packlsIn(workspace.path)).map(({ folder }) => folder));

async function oneFramework(workspace: Workspace): Promise<Found[]> {
  const lock = (await readText(join(workspace.path, 'pnpm-lock.yaml'))) ?? '';
  const versions = new Set(
    [...lock.matchAll(/^ {2}'?@pipl\/pipe@([^'():]+)/gm)].map(([, version]) => version),
  );
  if (versions.size < 2) return ok('One @pipl/pipe at most.');
  const what = `There are ${versions.size} versions of @pipl/pipe: ${[...versions].join(', ')}.`;
  return [
    { state: 'problem', what, fix: 'Let all packls ask for one range: pipl work update @pipl/pipe --latest' },
  ];
}
