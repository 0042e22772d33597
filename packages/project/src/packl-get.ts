/**
 * The files of a published version in a folder, for people without a workspace: the assets of a product as files
 * of their own, of any other packl what its tarball holds.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type IndexName, PiplError, productOf } from '@pipl/packl';
import type { RegistryClient, TarballFile } from '@pipl/registry-client';
import { withAssetPlace } from './asset-place.ts';
import { newFolder } from './new-folder.ts';
import type { Project } from './project-file.ts';
import { publishedFiles } from './published-files.ts';

export interface GotFiles {
  readonly name: string;
  readonly version: string;
  /** absolute */
  readonly path: string;
  /** asset → its file or folder; empty for a packl without assets */
  readonly assets: Readonly<Record<string, string>>;
}

/**
 * @param asked.from where whoever asks stands: the packls there say which store keeps assets
 * @throws PIPL_NO_VERSION, PIPL_NO_PACKAGE (exit 11), PIPL_PATH_TAKEN (4), PIPL_ASSET_MISSING,
 *   PIPL_REMOTE_PROJECT (2) when the assets are on another machine
 */
export async function getFiles(
  client: RegistryClient,
  asked: { project: Project; index: IndexName; spec: string; folder: string; from: string },
): Promise<GotFiles> {
  const { project, folder, from } = asked;
  const published = await publishedFiles(client, asked);
  const { name, version, manifest, files } = published;
  const references = Object.entries(productOf(manifest)?.assets ?? {});
  const placed = new Map<string, string>();
  const path = await newFolder(folder, async (building) => {
    if (references.length === 0) return writeFiles(building, files);
    await withAssetPlace({ project, folder: from }, async ({ materialize }) => {
      for (const [asset, reference] of references) {
        const to = join(building, asset);
        await materialize({ product: { name, version }, asset, reference }, { to, mode: 'edit' }).catch(
          (error: unknown) => {
            throw perhapsElsewhere(error);
          },
        );
        placed.set(asset, join(asset, reference.basename));
      }
    });
  });
  const assets = Object.fromEntries([...placed].map(([asset, file]) => [asset, join(path, file)]));
  return { name, version, path, assets };
}

/** Outside of a workspace nothing says which packl brings the store. */
function perhapsElsewhere(error: unknown): unknown {
  if (!(error instanceof PiplError) || error.code !== 'PIPL_ASSET_MISSING') return error;
  const hint =
    'If a packl brings the store that keeps it, ask again in a packl that depends on that one. Else it is lost here: restore it from a backup.';
  return new PiplError({ ...error.toJSON(), hint }, { cause: error });
}

/** @param folder there, and empty */
export async function writeFiles(folder: string, files: readonly TarballFile[]): Promise<void> {
  for (const { path, executable, data } of files) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, data, { flag: 'wx', mode: executable ? 0o755 : 0o644 });
  }
}
