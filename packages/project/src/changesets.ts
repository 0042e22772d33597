/**
 * Intended versions: a changeset (`.changeset/*.md` of the workspace, in the form of @changesets) says which packls
 * change how much, and why. Versioning reads them all, plans, and applies the plan through managed edits.
 *
 * A dependent in the workspace whose range no longer admits the new version gets a patch and a range that does.
 */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { piplError } from '@pipl/packl';
import { satisfies } from 'semver';
import { asPiplError, isMissing, readText, writeWhole } from './atomic-file.ts';
import { editPackl, type PacklEdit, type WrittenManifest } from './packl-file.ts';
import { packlsIn, type WorkspacePackl } from './workspace-packls.ts';
import { beforeWriting } from './watched.ts';

export const changeSizes = ['major', 'minor', 'patch'] as const;
export type ChangeSize = (typeof changeSizes)[number];

export interface Changeset {
  readonly id: string;
  readonly summary: string;
  /** name → how much it changes */
  readonly packls: Readonly<Record<string, ChangeSize>>;
}

export interface PlannedVersion {
  readonly name: string;
  readonly folder: string;
  readonly from: string;
  /** the same as `from` for a packl in progress that only gets a new range */
  readonly to: string;
  /** because of these changesets; none: because of a dependency */
  readonly changesets: readonly string[];
  readonly comment: string;
  /** dependency → range that it asks for now */
  readonly ranges: Readonly<Record<string, string>>;
}

export interface VersionPlan {
  readonly changesets: readonly Changeset[];
  readonly versions: readonly PlannedVersion[];
}

const folderOf = (workspace: string): string => join(workspace, '.changeset');

/** Writes an intent down. @throws PIPL_NO_PACKL (exit 3) when the workspace has none of that name */
export async function recordChange(
  workspace: string,
  change: { packls: Readonly<Record<string, ChangeSize>>; summary: string },
): Promise<Changeset & { readonly file: string }> {
  const known = await packlsIn(workspace);
  for (const name of Object.keys(change.packls)) refuseUnknown(name, known, workspace);
  const id = `${new Date().toISOString().slice(0, 10)}-${crypto.randomUUID().slice(0, 8)}`;
  const file = join(folderOf(workspace), `${id}.md`);
  beforeWriting(
    `write down ${Object.entries(change.packls)
      .map(([name, size]) => `${size} for ${name}`)
      .join(', ')} in ${file}`,
  );
  const front = Object.entries(change.packls).map(([name, size]) => `"${name}": ${size}`);
  try {
    await mkdir(folderOf(workspace), { recursive: true });
  } catch (error) {
    throw asPiplError(error, file);
  }
  await writeWhole(file, ['---', ...front, '---', '', change.summary.trim(), ''].join('\n'));
  return { id, ...change, file };
}

/** The changesets of a workspace, by file name. @throws PIPL_CHANGESET (exit 7) */
export async function readChangesets(workspace: string): Promise<readonly Changeset[]> {
  const names = await readdir(folderOf(workspace)).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw asPiplError(error, folderOf(workspace));
  });
  const files = names.filter((name) => name.endsWith('.md') && name !== 'README.md').toSorted();
  if (files.length === 0) return [];
  const { parseChangesetFile } = await import('@changesets/parse');
  const found: Changeset[] = [];
  for (const name of files) {
    const file = join(folderOf(workspace), name);
    const { summary, releases } = parsed(file, (await readText(file)) ?? '', parseChangesetFile);
    const packls = releases.flatMap(({ name: packl, type }) =>
      type === 'none' ? [] : [[packl, type] as const],
    );
    found.push({ id: name.slice(0, -'.md'.length), summary, packls: Object.fromEntries(packls) });
  }
  return found;
}

function parsed<T>(file: string, text: string, parse: (text: string) => T): T {
  try {
    return parse(text);
  } catch (cause) {
    throw piplError('invalid', 'PIPL_CHANGESET', {
      what: `${file} is no changeset.`,
      why: cause instanceof Error ? cause.message : String(cause),
      hint: 'It starts with --- and lines like "@film/grade": minor, then --- and what changed. Mend or remove it.',
      cause,
    });
  }
}

/** What `applyVersions` would do. Reads only. @throws PIPL_NO_CHANGES (exit 3), PIPL_CHANGESET, PIPL_NO_PACKL */
export async function planVersions(workspace: string): Promise<VersionPlan> {
  const changesets = await readChangesets(workspace);
  if (changesets.length === 0) throw noChanges(workspace);
  const packls = await packlsIn(workspace);
  for (const { packls: named } of changesets)
    for (const name of Object.keys(named)) refuseUnknown(name, packls, workspace);
  return { changesets, versions: await plannedVersions(changesets, { packls, workspace }) };
}

async function plannedVersions(
  changesets: readonly Changeset[],
  { packls, workspace }: { packls: readonly WorkspacePackl[]; workspace: string },
): Promise<PlannedVersion[]> {
  const { assembleReleasePlan } = await import('@changesets/assemble-release-plan');
  const intents = changesets.map(({ id, summary, packls: named }) => ({
    id,
    summary,
    releases: Object.entries(named).map(([name, type]) => ({ name, type })),
  }));
  const rootPackage = { dir: workspace, packageJson: { name: ' workspace', version: '0.0.0' } };
  const packages = packls.map(({ folder, manifest }) => ({
    dir: folder,
    packageJson: amongThemselves(manifest, packls),
  }));
  const plan = assembleReleasePlan(
    intents,
    { rootDir: workspace, rootPackage, packages, tool: { type: 'pnpm' } },
    config,
    undefined,
  );
  const byName = new Map(packls.map((packl) => [packl.name, packl]));
  const released = plan.releases.flatMap(({ name, type, newVersion, changesets: because }) => {
    const packl = byName.get(name);
    return packl === undefined || type === 'none' || newVersion === undefined
      ? []
      : [{ packl, newVersion, because }];
  });
  // Nobody has seen a packl in progress: it follows its dependencies and stays in progress until somebody says so.
  const to = ({ packl, newVersion, because }: (typeof released)[number]) =>
    because.length === 0 && packl.version.includes('-wip') ? packl.version : newVersion;
  const versions = new Map(released.map((one) => [one.packl.name, to(one)]));
  const summaries = new Map(changesets.map(({ id, summary }) => [id, summary]));
  return released.map(({ packl, newVersion, because }) => {
    const ranges = newRanges(amongThemselves(packl.manifest, packls), versions);
    const why = because.map((id) => summaries.get(id) ?? '').join('; ');
    const usual = `follows ${Object.keys(ranges).join(', ')}`;
    const { name, folder, version: from } = packl;
    const planned = to({ packl, newVersion, because });
    return { name, folder, from, to: planned, changesets: because, comment: why || usual, ranges };
  });
}

/** What a packl asks of the versions that stand here: a range that asks for others does not follow them. */
function amongThemselves(
  { name, version, dependencies = {}, peerDependencies = {} }: WorkspacePackl['manifest'],
  packls: readonly WorkspacePackl[],
) {
  const versions = new Map(packls.map((packl) => [packl.name, packl.version]));
  const followed = (ranges: Readonly<Record<string, string>>) =>
    Object.fromEntries(
      Object.entries(ranges).filter(([to, range]) => satisfies(versions.get(to) ?? '', range)),
    );
  return {
    name,
    version,
    dependencies: followed(dependencies),
    peerDependencies: followed(peerDependencies),
  };
}

/** Ranges that leave out the new version of a dependency become `^new`, exact ones stay exact. */
function newRanges(
  { dependencies, peerDependencies }: ReturnType<typeof amongThemselves>,
  versions: ReadonlyMap<string, string>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries({ ...peerDependencies, ...dependencies }).flatMap(([name, range]) => {
      const version = versions.get(name);
      if (version === undefined || satisfies(version, range)) return [];
      return [[name, /^\d/.test(range) ? version : `^${version}`]];
    }),
  );
}

/**
 * Applies the plan and removes the changesets it used up. Every packl is edited, or none.
 * @throws as {@link planVersions}, PIPL_UNWRITABLE
 */
export async function applyVersions(workspace: string): Promise<VersionPlan> {
  const plan = await planVersions(workspace);
  const done: PacklEdit[] = [];
  try {
    for (const { folder, to, comment, ranges } of plan.versions)
      done.push(
        await editPackl(folder, { comment, edit: (written) => withVersion(written, { to, ranges }) }),
      );
  } catch (error) {
    for (const edit of done.toReversed()) await edit.undo();
    throw error;
  }
  for (const { id } of plan.changesets) await rm(join(folderOf(workspace), `${id}.md`), { force: true });
  return plan;
}

function withVersion(
  written: WrittenManifest,
  { to, ranges }: { to: string; ranges: Readonly<Record<string, string>> },
): WrittenManifest {
  const parts = (['dependencies', 'peerDependencies'] as const).flatMap((key) => {
    const before = written[key] as Record<string, string> | undefined;
    if (before === undefined) return [];
    const after = Object.entries(before).map(([name, range]) => [name, ranges[name] ?? range] as const);
    return [[key, Object.fromEntries(after)] as const];
  });
  return { ...written, version: to, ...Object.fromEntries(parts) };
}

/** Of @changesets: what a workspace of packls needs of its many settings. */
const config: Parameters<typeof import('@changesets/assemble-release-plan').assembleReleasePlan>[2] = {
  changelog: false,
  commit: false,
  fixed: [],
  linked: [],
  access: 'restricted',
  baseBranch: 'main',
  changedFilePatterns: [],
  format: false,
  privatePackages: { version: true, tag: false },
  updateInternalDependencies: 'patch',
  ignore: [],
  ___experimentalUnsafeOptions_WILL_CHANGE_IN_PATCH: {
    onlyUpdatePeerDependentsWhenOutOfRange: true,
    updateInternalDependents: 'out-of-range',
  },
  snapshot: { useCalculatedVersion: false, prereleaseTemplate: null },
};

function refuseUnknown(name: string, packls: readonly WorkspacePackl[], workspace: string): void {
  if (packls.some((packl) => packl.name === name)) return;
  throw piplError('notFound', 'PIPL_NO_PACKL', {
    what: `There is no packl ${name} in this workspace.`,
    why: `${workspace} has ${packls.map((packl) => packl.name).join(', ') || 'none'}.`,
    hint: `Bring it here: pipl packl edit ${name}; or name one of these.`,
  });
}

const noChanges = (workspace: string) =>
  piplError('notFound', 'PIPL_NO_CHANGES', {
    what: 'No change is written down in this workspace.',
    why: `${folderOf(workspace)} has no changeset.`,
    hint: 'Say what changed: pipl packl change minor -m WHY; or set a version at once: pipl packl bump minor',
  });
