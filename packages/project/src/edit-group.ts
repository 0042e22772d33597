/**
 * What packls ask for under `groups.edit`: tools and editors for people, never for a run.
 *
 * `.edit` of a workspace is a package of its own that asks for all of them: of its packls, and of what is installed
 * around these. It is written before pnpm installs, and again after, until what was installed asks for nothing new.
 */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Manifest, PiplError, parseManifest, piplError, specOf } from '@pipl/packl';
import { graphAround } from '@pipl/pipe/discovery';
import { intersects, subset } from 'semver';
import { jsonText, readText, writeWhole } from './atomic-file.ts';
import type { Workspace } from './places.ts';
import { editFolder } from './workspace-graph.ts';
import { packlsIn } from './workspace-packls.ts';

interface Asked {
  readonly range: string;
  readonly by: string;
}

/** Makes `.edit` ask for what the groups called edit name now. @returns whether it changed @throws PIPL_EDIT_CONFLICT */
export async function writeEditGroup({ path }: Workspace): Promise<boolean> {
  const asked = await editGroupIn(path);
  const folder = join(path, editFolder);
  const file = join(folder, 'package.json');
  const before = await readText(file);
  const names = [...asked.keys()].toSorted();
  if (names.length === 0 && before === undefined) return false;
  const dependencies = Object.fromEntries(names.map((name) => [name, combined(name, asked.get(name)!)]));
  const after = jsonText({ name: 'workspace-edit', private: true, dependencies });
  const listed = await listFolder(path, true);
  if (after === before) return listed;
  await mkdir(folder, { recursive: true });
  await writeWhole(file, after);
  return true;
}

/** As a run has it: nothing of the groups called edit stays. */
export async function removeEditGroup({ path }: Workspace): Promise<void> {
  await rm(join(path, editFolder), { recursive: true, force: true });
  await listFolder(path, false);
}

async function editGroupIn(workspace: string): Promise<Map<string, Asked[]>> {
  const asked = new Map<string, Asked[]>();
  const edit = join(workspace, editFolder);
  const seen = new Set<string>();
  for (const { folder } of await packlsIn(workspace)) {
    for (const packl of graphAround({ packl: folder, edit, parse: checkedWhereItAsks }).packls) {
      const by = specOf(packl);
      for (const [name, range] of seen.has(packl.dir) ? [] : groupOf(packl.manifest))
        asked.set(name, [...(asked.get(name) ?? []), { range, by }]);
      seen.add(packl.dir);
    }
  }
  return asked;
}

/** Most packls ask for nothing here: those are not worth a whole check of their manifests. */
const checkedWhereItAsks = (json: unknown, where: string): Manifest => {
  const { pipl } = json as { readonly pipl?: { readonly groups?: unknown } | null };
  return pipl?.groups === undefined ? (json as Manifest) : parseManifest(json, where);
};

const groupOf = ({ pipl }: Manifest): [string, string][] => Object.entries(pipl?.groups?.['edit'] ?? {});

/** One range that all of them admit. */
function combined(name: string, all: readonly Asked[]): string {
  const [first, ...others] = all;
  return others.reduce((range, other) => {
    if (subset(range, other.range)) return range;
    if (subset(other.range, range)) return other.range;
    if (intersects(range, other.range) && !`${range}${other.range}`.includes('||'))
      return `${range} ${other.range}`;
    throw piplError('unresolvable', 'PIPL_EDIT_CONFLICT', {
      what: `No version of ${name} is right for everybody who asks for it in groups.edit.`,
      why: all.map(({ by, range: asks }) => `${by} asks for ${asks}`).join('; '),
      hint: 'Bring these ranges together, or work on them in workspaces of their own.',
    });
  }, first!.range);
}

const without = "packages: ['*']\n";
const within = `packages: ['*', '${editFolder}']\n`;

/** Tells pnpm that `.edit` belongs to the workspace, or no longer. */
async function listFolder(workspace: string, listed: boolean): Promise<boolean> {
  const file = join(workspace, 'pnpm-workspace.yaml');
  const before = (await readText(file)) ?? '';
  const after = listed ? before.replace(without, within) : before.replace(within, without);
  if (after !== before) await writeWhole(file, after);
  return after !== before;
}

/** An install that failed because of a group says whose it is. */
export async function blameEditGroup(workspace: Workspace, error: unknown): Promise<never> {
  if (!(error instanceof PiplError) || error.code !== 'PIPL_INSTALL') throw error;
  const said = [error.why ?? '', ...error.problems].join('\n');
  const guilty = [...(await editGroupIn(workspace.path))].find(([name]) => said.includes(name));
  if (guilty === undefined) throw error;
  const [name, all] = guilty;
  const askers = all.map(({ by, range }) => `${by} (${range})`).join(', ');
  throw piplError(error.kind, 'PIPL_EDIT_GROUP', {
    what: `${name} cannot be installed for people.`,
    why: `${askers} asks for it in groups.edit. ${error.why ?? ''}`.trim(),
    hint: `Publish ${name}, or mend groups.edit; without what people have it works: pipl work sync --ci`,
    problems: error.problems,
    cause: error,
  });
}
