/**
 * Checks and backups of a project: by its server while that runs, by the server's command while it does not. And a
 * project out of a backup.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { piplError } from '@pipl/packl';
import type { BackupManifest, FsckOptions, FsckReport } from '@pipl/registry-client';
import { asPiplError } from './atomic-file.ts';
import { type Notice, writer } from './credentials.ts';
import { type Project, readProject } from './project-file.ts';
import { runServerCommand } from './server-command.ts';
import { runningServer } from './server.ts';
import { workareaFile } from './workareas.ts';
import { beforeWriting } from './watched.ts';

export interface Tend {
  readonly serverCommand: readonly string[];
  readonly note: Notice;
}

/** @throws PIPL_DENIED: root's business; PIPL_PROJECT_IN_USE */
export async function fsckProject(
  project: Project,
  { readData = false, repair = false }: FsckOptions,
  { serverCommand, note }: Tend,
): Promise<FsckReport> {
  if (await isServed(project)) return (await writer(project, note)).fsck({ readData, repair });
  const flags = [...(readData ? ['--read-data'] : []), ...(repair ? ['--repair'] : [])];
  return answerOf(await runServerCommand(serverCommand, ['--project', project.path, '--fsck', ...flags]));
}

/** @param to a folder that is not there yet, on the machine of the server @throws PIPL_BACKUP_TAKEN */
export async function backupProject(
  project: Project,
  to: string,
  { serverCommand, note }: Tend,
): Promise<BackupManifest> {
  beforeWriting(`back ${project.name} up to ${resolve(to)}`);
  if (await isServed(project)) return (await writer(project, note)).backup(resolve(to));
  return answerOf(
    await runServerCommand(serverCommand, ['--project', project.path, '--backup', resolve(to)]),
  );
}

const isServed = async (project: Project): Promise<boolean> =>
  project.url !== undefined || (await runningServer(project)) !== undefined;

export interface Restore {
  /** what `backupProject` made */
  readonly from: string;
  /** the folder to make */
  readonly path: string;
  /** address of an empty PostgreSQL database; absent: a SQLite file in the project */
  readonly database?: string | undefined;
  /** `s3://bucket/prefix`, empty; absent: tarballs go into a folder of the project */
  readonly blobs?: string | undefined;
  readonly s3Endpoint?: string | undefined;
  readonly serverCommand: readonly string[];
}

/**
 * Built whole in a folder beside its place, then renamed into it. Whatever fails, nothing stays.
 * @throws PIPL_NO_BACKUP PIPL_BACKUP_DAMAGED PIPL_BACKUP_OTHER PIPL_PATH_TAKEN PIPL_DATABASE_TAKEN PIPL_BLOBS_TAKEN
 */
export async function restoreProject(restore: Restore): Promise<{ project: Project; report: FsckReport }> {
  const path = resolve(restore.path);
  await refuseTaken(path);
  beforeWriting(`make a project in ${path} from ${resolve(restore.from)}`);
  const building = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString('hex')}.new`);
  try {
    await mkdir(building);
    const from = ['--project', building, '--restore', resolve(restore.from), ...placesOf(restore)];
    const report = answerOf<FsckReport>(await runServerCommand(restore.serverCommand, from));
    const { id } = await readProject(building);
    const by = { createdBy: userInfo().username, createdOn: new Date().toISOString() };
    await mkdir(join(building, 'workspaces'));
    await writeFile(
      join(building, 'workspaces', '.workarea'),
      workareaFile({ project: { id, path }, ...by }),
    );
    await rmdir(path).catch(() => undefined); // empty or not there: refuseTaken saw to that
    await rename(building, path);
    return { project: await readProject(path), report };
  } catch (error) {
    await rm(building, { recursive: true, force: true });
    throw asPiplError(error, path);
  }
}

const placesOf = ({ database, blobs, s3Endpoint }: Restore): string[] => [
  ...(database === undefined ? [] : ['--database', database]),
  ...(blobs === undefined ? [] : ['--blobs', blobs]),
  ...(s3Endpoint === undefined ? [] : ['--s3-endpoint', s3Endpoint]),
];

async function refuseTaken(path: string): Promise<void> {
  const entries = await readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw asPiplError(error, path);
  });
  if (entries.length === 0) return;
  throw piplError('conflict', 'PIPL_PATH_TAKEN', {
    what: `Cannot restore a project at ${path}.`,
    why: 'The folder is not empty.',
    hint: 'Choose a path that is not there yet.',
  });
}

const answerOf = <T>(stdout: string): T => JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as T;
