/**
 * What is done to a project whose server does not run: it is checked, backed up, or made again out of a backup.
 * While a server runs, it does the first two itself.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  backendOf,
  backup,
  claimBucket,
  contentsOf,
  fsck,
  migrateRegistry,
  readBackup,
  restoreFiles,
  restoreRows,
  restoreSqlite,
  type BlobsAt,
} from '@pipl/registry';
import type { BackupManifest, FsckOptions, FsckReport } from '@pipl/registry-client';
import { openProject, type OpenProject } from './open-project.ts';
import { readProject } from './project-file.ts';
import { dropTables, refuseTaken } from './taken-database.ts';

interface Opened extends OpenProject {
  readonly name: string;
  readonly blobs: ReturnType<typeof contentsOf>;
}

async function opened<T>(project: string, work: (open: Opened) => Promise<T>): Promise<T> {
  const settings = await readProject(project);
  const open = await openProject(project, settings);
  try {
    await migrateRegistry(open.db);
    const blobs = contentsOf({ ...open, at: settings.blobs });
    return await work({ ...open, blobs, name: settings.name });
  } finally {
    await open.close();
  }
}

/** @throws PIPL_PROJECT_IN_USE: its server checks it */
export const fsckProject = (project: string, options: FsckOptions): Promise<FsckReport> =>
  opened(project, ({ db, dataDir, blobs }) =>
    fsck(
      {
        db,
        blobs,
        keys: join(dataDir, 'keys'),
        // Others may share it all the same.
        inUse: backendOf(db).is === 'postgres',
        now: () => new Date(),
      },
      options,
    ),
  );

export const backupProject = (project: string, to: string): Promise<BackupManifest> =>
  opened(project, ({ db, dataDir, blobs, name }) =>
    backup({ db, blobs, dataDir, project: name, now: () => new Date() }, to),
  );

export interface RestoreOptions {
  readonly from: string;
  /** a folder that is there and empty */
  readonly project: string;
  /** address of an empty PostgreSQL database to restore into; absent: a SQLite file of the project */
  readonly database?: string;
  /** an empty place in a bucket to restore the tarballs into; absent: a folder of the project */
  readonly blobs?: BlobsAt;
}

/** @throws PIPL_NO_BACKUP PIPL_BACKUP_DAMAGED PIPL_BACKUP_OTHER PIPL_DATABASE_TAKEN PIPL_BLOBS_TAKEN */
export async function restoreProject(options: RestoreOptions): Promise<FsckReport> {
  const { from, database, blobs } = options;
  if (database !== undefined) await refuseTaken(database);
  await readBackup(from);
  const claimed = blobs === undefined ? undefined : await claimBucket(blobs);
  try {
    const manifest = await restoreFiles(from, options.project, claimed?.put);
    return await restoreRest(options, manifest);
  } catch (error) {
    await claimed?.undo();
    throw error;
  }
}

async function restoreRest(
  { from, project, database, blobs: at }: RestoreOptions,
  manifest: BackupManifest,
): Promise<FsckReport> {
  await keepWhere(join(project, 'system'), { database, blobs: at?.address, s3Endpoint: at?.endpoint });
  const isCopied = manifest.database.kind === 'sqlite' && database === undefined;
  if (isCopied) await restoreSqlite(from, manifest, join(project, 'system', 'db', 'pipl.sqlite'));
  return opened(project, async ({ db, dataDir, blobs }) => {
    try {
      if (!isCopied) await restoreRows(from, manifest, db);
      const keys = join(dataDir, 'keys');
      return await fsck({ db, blobs, keys, inUse: false, now: () => new Date() }, {});
    } catch (error) {
      if (database !== undefined) await dropTables(db);
      throw error;
    }
  });
}

interface Where {
  readonly database: string | undefined;
  readonly blobs: string | undefined;
  readonly s3Endpoint: string | undefined;
}

/** The database and the bucket that the backup came from must not become those of the restored project. */
async function keepWhere(system: string, where: Where): Promise<void> {
  const file = join(system, 'server.json');
  await mkdir(system, { recursive: true });
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}';
    throw error;
  });
  // What is undefined is left out of the file.
  await writeFile(file, `${JSON.stringify({ ...(JSON.parse(text) as object), ...where }, null, 2)}\n`);
}

export type Tending =
  | ({ readonly do: 'fsck'; readonly project: string } & FsckOptions)
  | { readonly do: 'backup'; readonly project: string; readonly to: string }
  | ({ readonly do: 'restore' } & RestoreOptions);

export function tendProject(tending: Tending): Promise<FsckReport | BackupManifest> {
  switch (tending.do) {
    case 'fsck':
      return fsckProject(tending.project, tending);
    case 'backup':
      return backupProject(tending.project, tending.to);
    case 'restore':
      return restoreProject(tending);
  }
}
