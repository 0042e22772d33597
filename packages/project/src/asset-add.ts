/**
 * A file, folder or frame sequence for a product: its content into the project's store, its reference into the
 * packl's manifest, with a line of history.
 */
import { stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { type AssetReference, piplError, productOf } from '@pipl/packl';
import { withAssetPlace } from './asset-place.ts';
import { asReference } from './asset-reference.ts';
import { basenameOf } from './asset-types.ts';
import { asPiplError } from './atomic-file.ts';
import { editPackl, readPackl } from './packl-file.ts';
import { askStep } from './pipe-step.ts';
import type { Project } from './project-file.ts';
import { mustGraphHere } from './workspace-graph.ts';

export interface AddAsset {
  readonly project: Project;
  /** the product packl's folder */
  readonly folder: string;
  readonly name: string;
  /** one file, one folder, or the files of a sequence */
  readonly paths: readonly string[];
  /** asset type; absent: the one it had, else named after its kind */
  readonly type?: string | undefined;
  /** one numbered file is a sequence too */
  readonly sequence?: boolean | undefined;
}

/** @throws PIPL_NOT_A_PRODUCT (exit 7), PIPL_NO_FILE (3), PIPL_ASSET_NOT_STORABLE */
export async function addAsset(
  options: AddAsset,
): Promise<{ packl: string; name: string; asset: AssetReference }> {
  const { folder, name, paths } = options;
  const { manifest } = await readPackl(folder);
  const product = productOf(manifest);
  if (product === undefined) throw notAProduct(manifest.name);
  const found = await contentOf(
    options,
    paths.map((path) => resolve(path)),
  );
  const type = options.type ?? product.assets[name]?.type ?? usualType[found.kind];
  const owner = { name: manifest.name, version: manifest.version };
  const stored = await withAssetPlace(options, ({ put }) =>
    put({ product: owner, asset: name, type, kind: found.kind, paths: found.paths }),
  );
  const named = await basenameOf({ folder, type, product: owner, asset: name });
  const asset = asReference({ type, kind: found.kind, basename: named ?? found.basename }, stored);
  await editPackl(folder, {
    comment: `asset ${name}: ${asset.basename}, ${asset.size} bytes`,
    edit: (written) => {
      const pipl = written['pipl'] as Record<string, never>;
      const assets = { ...(pipl['assets'] as Record<string, never> | undefined), [name]: asset as never };
      return { ...written, pipl: { ...pipl, assets } };
    },
  });
  return { packl: manifest.name, name, asset };
}

/**
 * Adds everything that the packl says in code (`defineProduct`).
 * @throws PIPL_NO_PRODUCT, PIPL_ENTRY_NOT_LOADED naming the packl, and as {@link addAsset}
 */
export async function addProductAssets({
  project,
  folder,
}: Pick<AddAsset, 'project' | 'folder'>): Promise<readonly Awaited<ReturnType<typeof addAsset>>[]> {
  const around = await mustGraphHere({ from: folder, env: {} });
  const { assets, metadata } = await askStep<Described>(around, ['product']);
  const added: Awaited<ReturnType<typeof addAsset>>[] = [];
  for (const [name, { type, kind, paths }] of Object.entries(assets)) {
    const absolute = paths.map((path) => resolve(folder, path));
    added.push(
      await addAsset({ project, folder, name, paths: absolute, type, sequence: kind === 'sequence' }),
    );
  }
  if (Object.keys(metadata).length === 0) return added;
  await editPackl(folder, {
    comment: 'metadata, as the product says',
    edit: (written) => ({
      ...written,
      pipl: { ...(written['pipl'] as Record<string, never>), metadata } as never,
    }),
  });
  return added;
}

interface Described {
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly assets: Readonly<
    Record<string, { readonly type: string; readonly kind: string; readonly paths: readonly string[] }>
  >;
}

interface Found {
  readonly kind: AssetReference['kind'];
  readonly basename: string;
  readonly paths: readonly string[];
}

/** What the paths are together: a file, a folder, or a sequence. */
async function contentOf({ sequence, name }: AddAsset, files: readonly string[]): Promise<Found> {
  const [first] = files;
  if (first === undefined) throw noFile(name);
  if (files.length > 1 || sequence === true) {
    for (const file of files) await isFolder(file);
    return { kind: 'sequence', basename: basename(dirname(first)), paths: files };
  }
  return { kind: (await isFolder(first)) ? 'folder' : 'file', basename: basename(first), paths: files };
}

const usualType = { file: 'File', folder: 'Folder', sequence: 'Sequence' } as const;

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    (error: unknown) => {
      throw (error as NodeJS.ErrnoException).code === 'ENOENT' ? noFile(path) : asPiplError(error, path);
    },
  );

const noFile = (path: string) =>
  piplError('notFound', 'PIPL_NO_FILE', {
    what: `There is no ${path}.`,
    why: 'An asset is a file, a folder, or the files of a sequence.',
    hint: 'For example: pipl asset add beauty frames/*.png',
  });

const notAProduct = (name: string) =>
  piplError('invalid', 'PIPL_NOT_A_PRODUCT', {
    what: `${name} cannot hold an asset.`,
    why: 'Only a product refers to assets.',
    hint: 'Make one: pipl packl create NAME --kind product --type @film/pipeline#Model',
  });
