/**
 * Makes a new project's database: the mirror `root/npm`, the default index on
 * top of it, and the pipeline framework in that index. Everything a server needs, nothing a person wrote.
 */
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { indexName, parseManifest, type Manifest } from '@pipl/packl';
import { claimBucket, startRegistry, type BlobsAt } from '@pipl/registry';
import { unpackTarball } from '@pipl/registry-client';
import { openProject, type OpenProject } from './open-project.ts';
import { readProject } from './project-file.ts';
import { dropTables, refuseTaken } from './taken-database.ts';

export interface InitOptions {
  readonly project: string;
  /** tarball of @pipl/pipe */
  readonly pipe?: string;
  /** the npm registry that root/npm mirrors */
  readonly npm?: string;
}

/**
 * @throws PIPL_DATABASE_TAKEN PIPL_BLOBS_TAKEN PIPL_BLOBS_ADDRESS; whatever it throws, a database and a bucket that
 *   were empty before are empty again
 */
export async function initProject(options: InitOptions): Promise<void> {
  const { project } = options;
  const settings = await readProject(project);
  const { database, blobs } = settings;
  if (database !== undefined) await refuseTaken(database);
  const claimed = blobs === undefined ? undefined : await claimBucket(blobs);
  const opened = await openProject(project, settings);
  try {
    await fill(opened, { ...options, blobs });
  } catch (error) {
    if (database !== undefined) await dropTables(opened.db);
    await claimed?.undo();
    throw error;
  } finally {
    await opened.close();
  }
}

async function fill(
  { db, dataDir }: OpenProject,
  { project, pipe, npm, blobs }: InitOptions & { readonly blobs: BlobsAt | undefined },
): Promise<void> {
  const registry = await startRegistry({ dataDir, db, project, host: '127.0.0.1', port: 0, blobs });
  try {
    const mirror = indexName('root/npm');
    const index = indexName('root/PROJ');
    if (npm !== undefined) await registry.createIndex(mirror, { mirror: npm });
    await registry.createIndex(index, { bases: npm === undefined ? [] : [mirror] });
    if (pipe !== undefined) {
      const tarball = await readFile(pipe);
      const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
      const manifest = await manifestOf(tarball);
      const packls = [{ manifest, integrity, tarball }];
      await registry.release({ index, packls }, { is: 'user', name: 'root' });
    }
  } finally {
    await registry.close();
  }
}

async function manifestOf(tarball: Uint8Array): Promise<Manifest> {
  const folder = await mkdtemp(join(tmpdir(), 'pipl-init-'));
  try {
    await unpackTarball(tarball, folder);
    return parseManifest(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
