/**
 * What the packls of a workspace depend on: what is there, what their ranges would give now, what is newest; and
 * bringing it in. Ranges change through managed edits only, so the history of each packl tells of it.
 */
import { join } from 'node:path';
import { type IndexName, type Manifest, parseManifest, piplError, productOf } from '@pipl/packl';
import type { RegistryClient } from '@pipl/registry-client';
import { satisfies } from 'semver';
import { parseJson, readTextNow } from './atomic-file.ts';
import { checkedOutVersion, checkoutAssets } from './assets-checkout.ts';
import { editPackl, type PacklEdit, type WrittenManifest } from './packl-file.ts';
import { chooseVersion, readPackument } from './packument.ts';
import type { Workspace } from './places.ts';
import type { Project } from './project-file.ts';
import { packlsIn, type WorkspacePackl } from './workspace-packls.ts';
import { installWorkspace, refreshWorkspace } from './workspaces.ts';

export interface Dependency {
  readonly packl: string;
  readonly name: string;
  readonly range: string;
  /** what is installed; absent: nothing */
  readonly has?: string;
  /** the newest that the range admits; absent: nothing does */
  readonly wanted?: string;
  readonly latest?: string;
}

interface Asked {
  readonly project: Project;
  readonly workspace: Workspace;
}

/** Dependencies for which there is something else than what is installed. @throws PIPL_SERVER_UNREACHABLE */
export async function outdatedIn(
  client: RegistryClient,
  { project, workspace }: Asked,
): Promise<readonly Dependency[]> {
  const packls = await packlsIn(workspace.path);
  const names = new Set(packls.flatMap(({ manifest }) => Object.keys(rangesOf(manifest))));
  const known = new Map<string, string | undefined>();
  for (const name of names) known.set(name, await latestOf(client, project.defaultIndex, name));
  const all: Dependency[] = [];
  for (const { folder, name: packl, manifest } of packls) {
    for (const [name, range] of Object.entries(rangesOf(manifest))) {
      const latest = known.get(name);
      if (latest === undefined) continue;
      const has = installed(folder, name)?.version;
      const fits = await newestFor(client, { index: project.defaultIndex, name, range });
      const found = { packl, name, range, latest };
      const more = { ...(has === undefined ? {} : { has }), ...(fits === undefined ? {} : { wanted: fits }) };
      if (has !== latest || has !== fits) all.push({ ...found, ...more });
    }
  }
  return all;
}

const rangesOf = ({ dependencies, pipl }: Manifest): Record<string, string> => ({
  ...dependencies,
  ...pipl?.groups?.['edit'],
});

/** Undefined where neither the index nor anything behind it has the name: a product that nobody made yet. */
async function latestOf(client: RegistryClient, index: IndexName, name: string): Promise<string | undefined> {
  const packument = await readPackument(client, index, name);
  return packument === undefined ? undefined : await newestFor(client, { index, name, range: undefined });
}

const newestFor = (
  client: RegistryClient,
  asked: { index: IndexName; name: string; range: string | undefined },
): Promise<string | undefined> =>
  chooseVersion(client, asked).then(
    ({ version }) => version,
    (error: { code?: string }) => {
      if (error.code === 'PIPL_NO_VERSION') return undefined;
      throw error;
    },
  );

function installed(folder: string, name: string): Manifest | undefined {
  const json = installedJson(folder, name);
  return json === undefined ? undefined : parseManifest(json, installedFile(folder, name));
}

const installedFile = (folder: string, name: string): string =>
  join(folder, 'node_modules', name, 'package.json');

function installedJson(folder: string, name: string): unknown {
  const file = installedFile(folder, name);
  const text = readTextNow(file);
  return text === undefined ? undefined : parseJson(text, file);
}

export interface Updated {
  /** ranges that were raised */
  readonly raised: readonly { packl: string; name: string; from: string; to: string }[];
  readonly checkedOut: readonly CheckedOut[];
}

export interface CheckedOut {
  readonly packl: string;
  readonly product: string;
  readonly version: string;
}

/**
 * Installs the newest that ranges admit; with `latest` ranges that leave it out are raised first. A failing install
 * takes raised ranges back.
 * @param names these dependencies only @throws PIPL_NO_DEPENDENCY (exit 3), PIPL_INSTALL
 */
export async function updateWorkspace(
  client: RegistryClient,
  asked: Asked & { names?: readonly string[]; latest?: boolean | undefined },
): Promise<Updated> {
  const { project, workspace, names = [], latest = false } = asked;
  const packls = await packlsIn(workspace.path);
  refuseUnknown(names, packls);
  const outdated = latest ? await outdatedIn(client, asked) : [];
  const behind = outdated.filter(
    ({ name, range, latest: newest }) =>
      newest !== undefined && !satisfies(newest, range) && (names.length === 0 || names.includes(name)),
  );
  const edits: PacklEdit[] = [];
  const raised: { packl: string; name: string; from: string; to: string }[] = [];
  try {
    for (const { packl, name, range, latest: newest } of behind) {
      const to = `^${newest}`;
      const { folder } = packls.find((one) => one.name === packl)!;
      edits.push(
        await editPackl(folder, {
          comment: `updated ${name} to ${to}`,
          edit: (written) => withRange(written, { name, to }),
        }),
      );
      raised.push({ packl, name, from: range, to });
    }
    await refreshWorkspace(project, workspace, names);
  } catch (error) {
    for (const edit of edits.toReversed()) await edit.undo();
    throw error;
  }
  return { raised, checkedOut: await checkoutAll(project, workspace) };
}

function withRange(written: WrittenManifest, { name, to }: { name: string; to: string }): WrittenManifest {
  const dependencies = written['dependencies'] as Record<string, string> | undefined;
  if (dependencies?.[name] !== undefined)
    return { ...written, dependencies: { ...dependencies, [name]: to } };
  const pipl = written['pipl'] as Record<string, never>;
  const groups = (pipl['groups'] ?? {}) as Record<string, Record<string, string>>;
  return { ...written, pipl: { ...pipl, groups: { ...groups, edit: { ...groups['edit'], [name]: to } } } };
}

/** Makes the workspace what its packls ask for: installed, and the assets of their products beside them. */
export async function syncWorkspace({
  project,
  workspace,
  ci,
}: Asked & { readonly ci?: boolean | undefined }): Promise<Pick<Updated, 'checkedOut'>> {
  await installWorkspace(project, workspace, { ci });
  return { checkedOut: await checkoutAll(project, workspace) };
}

/** The assets of every installed product that are not beside its packl in that version. */
async function checkoutAll(project: Project, workspace: Workspace): Promise<CheckedOut[]> {
  const done: CheckedOut[] = [];
  for (const { folder, name: packl, manifest } of await packlsIn(workspace.path)) {
    const dependencies = Object.keys(manifest.dependencies ?? {});
    const products = dependencies.map((name) => installedProduct(folder, name));
    for (const found of products.filter((one) => one !== undefined)) {
      const assets = productOf(found)?.assets ?? {};
      const product = { name: found.name, version: found.version };
      if (Object.keys(assets).length === 0) continue;
      if ((await checkedOutVersion(folder, product.name)) === product.version) continue;
      await checkoutAssets({ project, folder, product, assets });
      done.push({ packl, product: product.name, version: product.version });
    }
  }
  return done;
}

/** Most dependencies are no products: those are not worth a whole check of their manifests. */
function installedProduct(folder: string, name: string): Manifest | undefined {
  const json = installedJson(folder, name) as Manifest | undefined;
  return json?.pipl?.kind === 'product' ? installed(folder, name) : undefined;
}

function refuseUnknown(names: readonly string[], packls: readonly WorkspacePackl[]): void {
  const known = new Set(packls.flatMap(({ manifest }) => Object.keys(rangesOf(manifest))));
  const unknown = names.find((name) => !known.has(name));
  if (unknown === undefined) return;
  throw piplError('notFound', 'PIPL_NO_DEPENDENCY', {
    what: `No packl of this workspace depends on ${unknown}.`,
    why: `They depend on ${[...known].toSorted().join(', ') || 'nothing'}.`,
    hint: `Add it: pipl packl add ${unknown}`,
  });
}
