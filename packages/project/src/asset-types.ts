/**
 * What the types of a product's assets do with them: name, lint, preview, migrate.
 *
 * A type is code of a packl: `pipl-step` loads it, here the assets are put on disk for it. Where the packl that offers
 * the type is not installed nothing is asked.
 */
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import {
  type AssetReference,
  entryPoints,
  type Manifest,
  type PiplError,
  piplError,
  productOf,
} from '@pipl/packl';
import { withAssetPlace } from './asset-place.ts';
import { asReference } from './asset-reference.ts';
import { editPackl, readPackl } from './packl-file.ts';
import { askStep } from './pipe-step.ts';
import type { Project } from './project-file.ts';
import { type AroundHere, graphHere } from './workspace-graph.ts';

interface Answer {
  readonly asset: string;
  /** the packl whose type it is */
  readonly by: string;
  readonly basename?: string;
  readonly problems?: readonly string[];
  readonly written?: readonly string[];
}

type Verb = 'name' | 'lint' | 'preview' | 'migrate';

export interface ProductFolder {
  readonly project: Project;
  /** of the product packl */
  readonly folder: string;
}

interface Named {
  readonly folder: string;
  readonly type: string;
  readonly product: { readonly name: string; readonly version: string };
  readonly asset: string;
}

/** The name that the type gives a file or folder; undefined where nobody who is installed knows the type. */
export async function basenameOf({ folder, type, product, asset }: Named): Promise<string | undefined> {
  const around = await graphHere({ from: folder, env: {} });
  if (around === undefined || !knows(around, type)) return undefined;
  const [answer] = await ask(around, 'name', [{ type, product, asset }]);
  return answer?.basename;
}

const knows = ({ graph }: AroundHere, type: string): boolean => entryPoints(graph, 'assetTypes').has(type);

async function ask(around: AroundHere, verb: Verb, questions: readonly object[]): Promise<readonly Answer[]> {
  const scratch = await mkdtemp(join(tmpdir(), 'pipl-asset-'));
  try {
    const file = join(scratch, 'request.json');
    await writeFile(file, JSON.stringify(questions));
    return await askStep<Answer[]>(around, ['asset', verb, file]);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

interface Asked extends ProductFolder {
  readonly manifest: Manifest;
  /** all of them when absent */
  readonly names?: readonly string[] | undefined;
  /** content that can be had; everything when absent */
  readonly stored?: (digest: string) => boolean;
}

/** Puts the assets whose type is known into a scratch folder, and has their types asked about them there. */
async function askAbout<T>(
  verb: Verb,
  { project, folder, manifest, names, stored = () => true }: Asked,
  use: (answers: readonly Answer[], scratch: string) => Promise<T>,
): Promise<T> {
  const around = await graphHere({ from: folder, env: {} });
  const product = { name: manifest.name, version: manifest.version };
  const assets = Object.entries(productOf(manifest)?.assets ?? {}).filter(
    ([name, { type, digest }]) =>
      (names === undefined || names.includes(name)) &&
      around !== undefined &&
      knows(around, type) &&
      stored(digest),
  );
  if (around === undefined || assets.length === 0) return use([], '');
  const scratch = await mkdtemp(join(tmpdir(), 'pipl-assets-'));
  try {
    const questions = await withAssetPlace({ project, folder }, ({ materialize }) =>
      Promise.all(
        assets.map(async ([asset, reference]) => {
          const found = await materialize({ product, asset, reference }, { to: join(scratch, 'in', asset) });
          return { ...found, type: reference.type, product, asset, to: join(scratch, 'out', asset) };
        }),
      ),
    );
    return await use(await ask(around, verb, questions), scratch);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

export interface LintedAsset {
  readonly asset: string;
  readonly by: string;
  /** undefined where the type has no lint */
  readonly problems?: readonly string[];
}

/** @throws PIPL_NOT_A_PRODUCT, PIPL_NO_ASSET, PIPL_ASSET_TYPE naming the packl whose type fails */
export async function lintAssets(
  at: ProductFolder,
  names?: readonly string[],
): Promise<readonly LintedAsset[]> {
  return askAbout('lint', { ...at, ...(await productAt(at, names)) }, async (answers) => answers);
}

/** For publishing: one error for each asset that its type finds something wrong with. */
export async function lintProblems(
  candidate: ProductFolder & { readonly manifest: Manifest },
  stored: (digest: string) => boolean,
): Promise<PiplError[]> {
  return askAbout('lint', { ...candidate, stored }, async (answers) =>
    answers.flatMap(({ asset, by, problems = [] }) =>
      problems.length === 0 ? [] : [lintFailed(`${candidate.manifest.name}.${asset}`, by, problems)],
    ),
  );
}

export const lintFailed = (asset: string, by: string, problems: readonly string[]): PiplError =>
  piplError('invalid', 'PIPL_ASSET_LINT', {
    what: `The content of ${asset} is not right.`,
    why: problems.join('; '),
    hint: `${by} says so. Mend the file and add it again: pipl asset add NAME PATH; or let its type mend it: pipl asset migrate`,
    problems,
  });

/** @param to folder that receives what shows the asset @returns the files, absolute */
export async function previewAsset(
  at: ProductFolder,
  { name, to }: { name: string; to: string },
): Promise<readonly string[]> {
  const asked = { ...at, ...(await productAt(at, [name])) };
  return askAbout('preview', asked, async ([answer]) => {
    if (answer?.written === undefined) throw cannot(name, answer?.by, 'preview');
    for (const file of answer.written) await cp(file, join(to, basename(file)), { recursive: true });
    return answer.written.map((file) => resolve(to, basename(file)));
  });
}

export interface MigratedAsset {
  readonly asset: string;
  readonly by: string;
  /** the new content; undefined where it was right already */
  readonly now?: AssetReference;
}

/** Has the types write their assets anew, takes the result in, and edits the packl. @throws as {@link lintAssets} */
export async function migrateAssets(
  at: ProductFolder,
  names?: readonly string[],
): Promise<readonly MigratedAsset[]> {
  const { manifest, ...more } = await productAt(at, names);
  return askAbout('migrate', { ...at, manifest, ...more }, async (answers) => {
    const migrated: MigratedAsset[] = [];
    for (const { asset, by, written } of answers) {
      const now = written === undefined ? undefined : await takenIn(at, { manifest, asset, written });
      migrated.push({ asset, by, ...(now === undefined ? {} : { now }) });
    }
    return migrated;
  });
}

async function takenIn(
  { project, folder }: ProductFolder,
  { manifest, asset, written }: { manifest: Manifest; asset: string; written: readonly string[] },
): Promise<AssetReference> {
  const before = productOf(manifest)!.assets[asset]!;
  const [first] = written;
  if (first === undefined) throw cannot(asset, undefined, 'migrate');
  const { kind, type } = before;
  const paths = kind === 'folder' ? [join(first, '..')] : written;
  const product = { name: manifest.name, version: manifest.version };
  const stored = await withAssetPlace({ project, folder }, ({ put }) =>
    put({ product, asset, type, kind, paths }),
  );
  const name = kind === 'file' ? basename(first) : before.basename;
  const reference = asReference({ type, kind, basename: name }, stored);
  await editPackl(folder, {
    comment: `asset ${asset}: migrated to what ${type} is now`,
    edit: (manifestNow) => {
      const pipl = manifestNow['pipl'] as Record<string, never>;
      const assets = {
        ...(pipl['assets'] as Record<string, never> | undefined),
        [asset]: reference as never,
      };
      return { ...manifestNow, pipl: { ...pipl, assets } };
    },
  });
  return reference;
}

async function productAt(
  { folder }: ProductFolder,
  names: readonly string[] | undefined,
): Promise<{ manifest: Manifest; names?: readonly string[] }> {
  const { manifest } = await readPackl(folder);
  const product = productOf(manifest);
  const unknown = names?.find((name) => product?.assets[name] === undefined);
  if (product === undefined || unknown !== undefined) {
    throw piplError('notFound', 'PIPL_NO_ASSET', {
      what: `${manifest.name} has no asset${unknown === undefined ? 's' : ` ${unknown}`}.`,
      why:
        product === undefined
          ? 'Only a product has assets, and it is none.'
          : `It has ${Object.keys(product.assets).join(', ') || 'none'}.`,
      hint: 'Add one: pipl asset add NAME PATH',
    });
  }
  return { manifest, ...(names === undefined || names.length === 0 ? {} : { names }) };
}

const cannot = (name: string, by: string | undefined, verb: string) =>
  piplError('notFound', 'PIPL_ASSET_METHOD', {
    what: `The type of ${name} has no ${verb}.`,
    why:
      by === undefined
        ? 'No packl that is installed here offers that type.'
        : `${by} offers the type without it.`,
    hint: `Give the type a ${verb}: defineAssetType({ …, ${verb} }); or install the packl that offers it: pipl work sync`,
  });
