/**
 * A backup of a whole project while people publish: the database as it is at one moment, every tarball that it
 * names, the assets, the settings and keys.
 *
 * What was acknowledged before the call is in it. Content never changes in place, so in the same file system it
 * is linked, not copied; a copy elsewhere protects against the disk as well. `backup.json` is written last: a
 * folder without one is no backup.
 */
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { piplError } from '@pipl/packl';
import type { BackedUp, BackupManifest } from '@pipl/registry-client';
import { copyHashed, filesBelow, linkOrCopy, sha256Of, syncFolders } from './backup-files.ts';
import { syncPath } from '../state/sync-path.ts';
import { backendOf, openDatabase } from '../state/database.ts';
import { dumpTables } from './dump.ts';
import { hexOf, pathOfHex } from '../blobs/address.ts';
import type { Contents } from '../blobs/blobs.ts';
import { unlessGone } from '../blobs/folder-write.ts';
import type { SqliteBackend } from '../state/sqlite.ts';
import type { Database } from '../state/tables.ts';
import { alone } from './upkeep.ts';

export interface BackupPlace {
  readonly db: Database;
  readonly blobs: Contents;
  /** PROJ/system */
  readonly dataDir: string;
  readonly project: string;
  readonly now: () => Date;
}

/** Content that is far away comes faster together. */
const atOnce = 8;
/** Big, or made again by itself. */
const leftOut = new Set(['db', 'blobs', 'assets', 'run', 'runs', 'trees', 'cache', 'npm-cache']);

/** @param to a folder that is not there yet, or empty @throws PIPL_BACKUP_TAKEN, the errors of the file system */
export async function backup(place: BackupPlace, to: string): Promise<BackupManifest> {
  await refuseTaken(to);
  const unfinished = join(dirname(to), `.${to.split('/').at(-1)}.${process.pid}.unfinished`);
  try {
    const manifest = await alone(place.db, () => fill(place, unfinished));
    await rm(to, { recursive: true, force: true }); // empty: refuseTaken saw to that
    await rename(unfinished, to);
    await syncPath(dirname(to));
    return manifest;
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  }
}

async function refuseTaken(to: string): Promise<void> {
  const entries = await readdir(to).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  if (entries.length === 0) return;
  throw piplError('conflict', 'PIPL_BACKUP_TAKEN', {
    what: `Cannot make a backup in ${to}.`,
    why: 'The folder is not empty.',
    hint: 'Give a folder that is not there yet; every backup has one of its own.',
  });
}

async function fill(place: BackupPlace, to: string): Promise<BackupManifest> {
  const { dataDir, project, now } = place;
  await mkdir(to, { recursive: true });
  const made = now().toISOString();
  const { head, integrities, ...database } = await snapshot(place.db, to);
  // Of what the snapshot names nothing is on its way any longer.
  await place.blobs.arrivals?.settle();
  const blobs = await keepBlobs(place.blobs, join(to, 'blobs'), integrities);
  const assets = await keepAssets(join(dataDir, 'assets'), join(to, 'assets'));
  const files: (BackedUp & { path: string })[] = [];
  const root = dirname(dataDir);
  const paths = (await filesBelow(dataDir, leftOut)).map((path) => join('system', path));
  for (const path of (await unlessGone(stat(join(root, '.pipl')))) !== undefined
    ? ['.pipl', ...paths]
    : paths) {
    files.push({ path, ...(await copyHashed(join(root, path), join(to, 'files', path), 'sha256')) });
  }
  const manifest: BackupManifest = { schema: 1, project, made, head, database, files, blobs, assets };
  await writeFile(join(to, 'backup.json'), `${JSON.stringify(manifest, null, 2)}\n`, { flush: true });
  await syncFolders(to);
  return manifest;
}

type Snapshot = BackupManifest['database'] & {
  readonly head: number;
  readonly integrities: ReadonlySet<string>;
};

const snapshot = (db: Database, to: string): Promise<Snapshot> => {
  const backend = backendOf(db);
  return backend.is === 'sqlite' ? copyOf(backend, to) : linesOf(db, to);
};

async function copyOf(backend: SqliteBackend, to: string): Promise<Snapshot> {
  const file = 'pipl.sqlite';
  await backend.copyTo(join(to, file));
  // Opened and closed, it has everything in one file.
  const copy: Database = await openDatabase(join(to, file));
  const { seq: head } = await copy.selectFrom('registry_head').select('seq').executeTakeFirstOrThrow();
  const versions = await copy.selectFrom('registry_versions').select('integrity').execute();
  const mirrored = await copy.selectFrom('registry_mirrored').select('integrity').execute();
  await copy.deleteFrom('registry_arriving').execute();
  await copy.destroy();
  await syncPath(join(to, file));
  const integrities = new Set([...versions, ...mirrored].map(({ integrity }) => integrity));
  return { kind: 'sqlite', file, ...(await sha256Of(join(to, file))), head, integrities };
}

async function linesOf(db: Database, to: string): Promise<Snapshot> {
  const file = 'database.jsonl.gz';
  const [gzip, target] = [createGzip(), createWriteStream(join(to, file), { flush: true })];
  const written = pipeline(gzip, target);
  const integrities = new Set<string>();
  let head = 0;
  await dumpTables(db, async (line) => {
    for (const { integrity, seq } of line.rows) {
      if (line.table === 'registry_head') head = Number(seq);
      if (/^registry_(?:versions|mirrored)$/.test(line.table)) integrities.add(String(integrity));
    }
    if (!gzip.write(`${JSON.stringify(line)}\n`)) await once(gzip, 'drain');
  });
  gzip.end();
  await written;
  return { kind: 'lines', file, ...(await sha256Of(join(to, file))), head, integrities };
}

/** A tarball that a mirror has lost is no loss; one of a version is told by fsck, of the backup as of the project. */
async function keepBlobs(from: Contents, to: string, integrities: Iterable<string>): Promise<number> {
  let kept = 0;
  const waiting = [...integrities];
  const keepNext = async (): Promise<void> => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (await from.copyTo(next, join(to, pathOfHex(hexOf(next))))) kept += 1;
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: atOnce }, keepNext));
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return kept;
}

async function keepAssets(from: string, to: string): Promise<number> {
  const paths = await filesBelow(from, new Set(['tmp']));
  for (const path of paths) {
    await mkdir(dirname(join(to, path)), { recursive: true });
    await linkOrCopy(join(from, path), join(to, path));
  }
  return paths.length;
}
