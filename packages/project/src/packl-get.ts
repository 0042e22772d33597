/**
 * The files of a published version in a folder, for people without a workspace: the assets of a product as files
 * of their own, of any other packl what its tarball holds.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openStore } from '@pipl/assets';
import { type IndexName, productOf } from '@pipl/packl';
import type { RegistryClient, TarballFile } from '@pipl/registry-client';
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
 * @throws PIPL_NO_VERSION, PIPL_NO_PACKAGE (exit 11), PIPL_PATH_TAKEN (4), PIPL_ASSET_MISSING,
 *   PIPL_REMOTE_PROJECT (2) when the assets are on another machine
 */
export async function getFiles(
  client: RegistryClient,
  asked: { project: Project; index: IndexName; spec: string; folder: string },
): Promise<GotFiles> {
  const { project, folder } = asked;
  const published = await publishedFiles(client, asked);
  const { name, version, manifest, files } = published;
  const references = Object.entries(productOf(manifest)?.assets ?? {});
  const placed = new Map<string, string>();
  const path = await newFolder(folder, async (building) => {
    if (references.length === 0) return writeFiles(building, files);
    const store = openStore(join(project.system, 'assets'));
    for (const [asset, reference] of references) {
      await store.checkout({ reference, to: join(building, asset), mode: 'edit' });
      placed.set(asset, join(asset, reference.basename));
    }
  });
  const assets = Object.fromEntries([...placed].map(([asset, file]) => [asset, join(path, file)]));
  return { name, version, path, assets };
}

/** @param folder there, and empty */
export async function writeFiles(folder: string, files: readonly TarballFile[]): Promise<void> {
  for (const { path, executable, data } of files) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, data, { flag: 'wx', mode: executable ? 0o755 : 0o644 });
  }
}
