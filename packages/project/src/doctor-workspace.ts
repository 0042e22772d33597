/** The workspace that one stands in: its settings, its packls, what they have installed and declare. */
import { join } from 'node:path';
import type { Manifest } from '@pipl/packl';
import { readJson, readText } from './atomic-file.ts';
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
    { check: 'one framework', run: () => oneFramework(workspace) },
  ];
}

async function packls(project: Project, workspace: Workspace): Promise<Found[]> {
  const { packls: all, tasks } = await workspaceState(project, workspace);
  const byHand = all.filter((packl) => packl.byHand).map(({ name }) => name);
  return [
    ...ok(`${workspace.name}: ${all.length} packl(s)`),
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

/** What the packls here and their direct dependencies declare: the same name by two that do not know each other. */
async function entryPoints(workspace: Workspace): Promise<Found[]> {
  const manifests = await manifestsIn(workspace);
  const found = conflictsOf([...manifests.values()]);
  return found.length === 0 ? ok('No two packls declare the same name.') : found;
}

async function manifestsIn(workspace: Workspace): Promise<ReadonlyMap<string, Manifest>> {
  const all = new Map<string, Manifest>();
  for (const { folder, name, manifest } of await packlsIn(workspace.path)) {
    all.set(name, manifest);
    for (const dependency of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })) {
      const json = await readJson(join(folder, 'node_modules', dependency, 'package.json'));
      if (json !== undefined && !all.has(dependency)) all.set(dependency, json as Manifest);
    }
  }
  return all;
}

/** Pure. A packl that depends on the other overrides it, which is meant. */
export function conflictsOf(manifests: readonly Manifest[]): Found[] {
  const declaring = new Map<string, Manifest[]>();
  for (const manifest of manifests) {
    const { pipl } = manifest;
    if (pipl?.kind !== 'code') continue;
    for (const group of ['services', 'assetTypes', 'productTypes', 'taskTypes'] as const) {
      for (const name of Object.keys(pipl[group] ?? {})) {
        const key = `${group}.${name}`;
        declaring.set(key, [...(declaring.get(key) ?? []), manifest]);
      }
    }
  }
  const asks = (a: Manifest, b: Manifest) => b.name in { ...a.dependencies, ...a.peerDependencies };
  return [...declaring].flatMap(([key, by]) => {
    const strangers = by.filter((one) =>
      by.some((other) => other !== one && !asks(one, other) && !asks(other, one)),
    );
    if (strangers.length === 0) return [];
    const what = `pipl.${key} is declared by ${strangers.map(({ name }) => name).join(' and ')}.`;
    return [
      {
        state: 'problem',
        what,
        fix: 'Rename one, or let one depend on the other: then it overrides it.',
      } as const,
    ];
  });
}

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
