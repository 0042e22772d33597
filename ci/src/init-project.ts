/**
 * Makes a new project's database: the mirror `root/npm`, the default index on top of it, stages for the handlers that
 * a template brings, and the pipeline framework in the default index. Everything a server needs, nothing a person wrote.
 */
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  handlerName,
  indexName,
  parseManifest,
  type Handlers,
  type IndexName,
  type Manifest,
} from '@pipl/packl';
import { claimBucket, startRegistry, type BlobsAt, type Registry } from '@pipl/registry';
import { unpackTarball, type HandlerGrant } from '@pipl/registry-client';
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
    await fill(opened, { ...options, blobs, handlers: settings.handlers });
  } catch (error) {
    if (database !== undefined) await dropTables(opened.db);
    await claimed?.undo();
    throw error;
  } finally {
    await opened.close();
  }
}

interface Filling extends InitOptions {
  readonly blobs: BlobsAt | undefined;
  readonly handlers: Handlers;
}

async function fill(
  { db, dataDir }: OpenProject,
  { project, pipe, npm, blobs, handlers }: Filling,
): Promise<void> {
  const registry = await startRegistry({ dataDir, db, project, host: '127.0.0.1', port: 0, blobs });
  try {
    const mirror = indexName('root/npm');
    const index = indexName('root/PROJ');
    if (npm !== undefined) await registry.createIndex(mirror, { mirror: npm });
    await registry.createIndex(index, { bases: npm === undefined ? [] : [mirror] });
    await openStages(registry, handlers);
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

/** Indexes that a template's handlers stand on: each on top of the one it promotes into, which lets it. */
async function openStages(registry: Registry, handlers: Handlers): Promise<void> {
  const grants = new Map<IndexName, HandlerGrant[]>();
  for (const [stage, list] of Object.entries(handlers)) {
    for (const handler of list) {
      if (handler.kind !== 'qa' || handler.promoteTo === undefined) continue;
      const [from, into] = [indexName(stage), indexName(handler.promoteTo)];
      await registry.createIndex(from, { bases: [into] });
      grants.set(into, [...(grants.get(into) ?? []), { handler: handlerName(handler), from }]);
    }
  }
  for (const [into, granted] of grants) await registry.createIndex(into, { handlers: granted });
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
