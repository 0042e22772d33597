/**
 * A file, folder or frame sequence for a product: its content into the project's store, its reference into the
 * packl's manifest, with a line of history.
 */
import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { openStore, type Stored } from '@pipl/assets';
import { type AssetReference, piplError, productOf } from '@pipl/packl';
import { asPiplError } from './atomic-file.ts';
import { editPackl, readPackl } from './packl-file.ts';
import type { Project } from './project-file.ts';

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
  const { project, folder, name, paths } = options;
  const { manifest } = await readPackl(folder);
  const product = productOf(manifest);
  if (product === undefined) throw notAProduct(manifest.name);
  const content = await store(
    options,
    paths.map((path) => resolve(path)),
  );
  const type = options.type ?? product.assets[name]?.type ?? usualType[content.kind];
  const asset: AssetReference = { type, ...content };
  await editPackl(folder, {
    comment: `asset ${name}: ${asset.basename}, ${asset.size} bytes`,
    edit: (written) => {
      const pipl = written['pipl'] as Record<string, never>;
      const assets = { ...(pipl['assets'] as Record<string, never> | undefined), [name]: asset as never };
      return { ...written, pipl: { ...pipl, assets } };
    },
  });
  return { packl: manifest.name, name, asset };

  async function store({ sequence }: AddAsset, files: readonly string[]): Promise<Content> {
    const { addFile, addFolder, addSequence } = openStore(join(project.system, 'assets'));
    const [first] = files;
    if (first === undefined) throw noFile(name);
    if (files.length > 1 || sequence === true) {
      for (const file of files) await isFolder(file);
      return asReference('sequence', basename(dirname(first)), await addSequence(files));
    }
    return (await isFolder(first))
      ? asReference('folder', basename(first), await addFolder(first))
      : asReference('file', basename(first), await addFile(first));
  }
}

type Content = Omit<AssetReference, 'type'>;

const asReference = (
  kind: AssetReference['kind'],
  name: string,
  { digest, size, files, frames }: Stored,
): Content => ({
  kind,
  digest,
  size,
  basename: name,
  ...(frames === undefined ? {} : { frames: [...frames] }),
  ...(files === undefined ? {} : { files }),
});

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
