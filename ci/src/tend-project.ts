/**
 * What is done to a project whose server does not run: it is checked, backed up, or made again out of a backup.
 * While a server runs, it does the first two itself.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  backendOf,
  backup,
  fsck,
  migrateRegistry,
  readBackup,
  restoreFiles,
  restoreRows,
  restoreSqlite,
} from '@pipl/registry';
import type { BackupManifest, FsckOptions, FsckReport } from '@pipl/registry-client';
import { openProject, type OpenProject } from './open-project.ts';
import { readProject } from './project-file.ts';
import { dropTables, refuseTaken } from './taken-database.ts';

async function opened<T>(project: string, work: (open: OpenProject, name: string) => Promise<T>): Promise<T> {
  const settings = await readProject(project);
  const open = await openProject(project, settings);
  try {
    await migrateRegistry(open.db);
    return await work(open, settings.name);
  } finally {
    await open.close();
  }
}

/** @throws PIPL_PROJECT_IN_USE: its server checks it */
export const fsckProject = (project: string, options: FsckOptions): Promise<FsckReport> =>
  opened(project, ({ db, dataDir }) =>
    fsck(
      {
        db,
        blobs: join(dataDir, 'blobs'),
        keys: join(dataDir, 'keys'),
        // Others may share it all the same.
        inUse: backendOf(db).is === 'postgres',
        now: () => new Date(),
      },
      options,
    ),
  );

export const backupProject = (project: string, to: string): Promise<BackupManifest> =>
  opened(project, ({ db, dataDir }, name) =>
    backup({ db, dataDir, project: name, now: () => new Date() }, to),
  );

export interface RestoreOptions {
  readonly from: string;
  /** a folder that is there and empty */
  readonly project: string;
  /** address of an empty PostgreSQL database to restore into; absent: a SQLite file of the project */
  readonly database?: string;
}

/** @throws PIPL_NO_BACKUP PIPL_BACKUP_DAMAGED PIPL_BACKUP_OTHER PIPL_DATABASE_TAKEN */
export async function restoreProject({ from, project, database }: RestoreOptions): Promise<FsckReport> {
  if (database !== undefined) await refuseTaken(database);
  const manifest = await readBackup(from);
  await restoreFiles(from, project);
  await keepWhere(join(project, 'system'), database);
  const isCopied = manifest.database.kind === 'sqlite' && database === undefined;
  if (isCopied) await restoreSqlite(from, manifest, join(project, 'system', 'db', 'pipl.sqlite'));
  return opened(project, async ({ db, dataDir }) => {
    try {
      if (!isCopied) await restoreRows(from, manifest, db);
      const place = {
        db,
        blobs: join(dataDir, 'blobs'),
        keys: join(dataDir, 'keys'),
        inUse: false,
        now: () => new Date(),
      };
      return await fsck(place, {});
    } catch (error) {
      if (database !== undefined) await dropTables(db);
      throw error;
    }
  });
}

/** The address of the database that the backup came from must not become that of the restored project. */
async function keepWhere(system: string, database: string | undefined): Promise<void> {
  const file = join(system, 'server.json');
  await mkdir(system, { recursive: true });
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}';
    throw error;
  });
  const { database: _, ...settings } = JSON.parse(text) as { database?: string };
  const now = database === undefined ? settings : { ...settings, database };
  await writeFile(file, `${JSON.stringify(now, null, 2)}\n`);
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
