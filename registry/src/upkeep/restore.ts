/**
 * A project out of a backup. Nothing is taken on trust: every file is hashed on its way, and in the end the whole is
 * checked as `pipl fsck` does. Where something is missing or has changed, there is no project.
 */
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { piplError, type PiplError } from '@pipl/packl';
import type { BackupManifest } from '@pipl/registry-client';
import { copyHashed, filesBelow, sha256Of, syncFolders } from './backup-files.ts';
import { integrityOfHex } from '../blobs/address.ts';
import { syncPath } from '../state/sync-path.ts';
import { openDatabase } from '../state/database.ts';
import { dumpTables, loadTables, stepsOf, type DumpLine } from './dump.ts';
import type { Database } from '../state/tables.ts';

/** @throws PIPL_NO_BACKUP */
export async function readBackup(from: string): Promise<BackupManifest> {
  const text = await readFile(join(from, 'backup.json'), 'utf8').catch((cause: unknown) => {
    throw piplError('notFound', 'PIPL_NO_BACKUP', {
      what: `${from} is no backup.`,
      why: 'It has no backup.json: that is written when everything else is there.',
      hint: 'Give the folder that `pipl proj backup` made.',
      cause,
    });
  });
  return JSON.parse(text) as BackupManifest;
}

const damaged = (file: string, why: string): PiplError =>
  piplError('invalid', 'PIPL_BACKUP_DAMAGED', {
    what: 'The backup cannot be used.',
    why: `${file}: ${why}`,
    hint: 'Take another backup. Nothing was restored.',
  });

const changed = 'it has changed since the backup was made.';

/** Takes over a file that was proven; the file is the caller's. */
export type PutContent = (integrity: string, content: { readonly file: string }) => Promise<void>;

/**
 * Settings, keys, tarballs and assets.
 * @param project a folder that is there and empty
 * @param put where tarballs go when not into the project @throws PIPL_BACKUP_DAMAGED, what `put` throws
 */
export async function restoreFiles(from: string, project: string, put?: PutContent): Promise<BackupManifest> {
  const manifest = await readBackup(from);
  for (const { path, size, hex } of manifest.files) {
    const copied = await copyHashed(join(from, 'files', path), join(project, path), 'sha256');
    if (copied.size !== size || copied.hex !== hex) throw damaged(path, changed);
  }
  for (const [folder, algorithm, count] of [
    ['blobs', 'sha512', manifest.blobs],
    ['assets', 'sha256', manifest.assets],
  ] as const) {
    const paths = await filesBelow(join(from, folder));
    if (paths.length !== count)
      throw damaged(folder, `it has ${paths.length} files and should have ${count}.`);
    for (const path of paths) {
      const to = join(project, 'system', folder, path);
      const { hex } = await copyHashed(join(from, folder, path), to, algorithm);
      const name = path.split('/').at(-1) ?? '';
      // Content is named by what it is; what is named otherwise describes it.
      if (/^[0-9a-f]{64,128}$/.test(name) && name !== hex) throw damaged(join(folder, path), changed);
      if (folder !== 'blobs' || put === undefined) continue;
      await put(integrityOfHex(hex), { file: to });
      await rm(to);
    }
  }
  await syncFolders(project);
  return manifest;
}

/** The database file as it is. @throws PIPL_BACKUP_DAMAGED */
export async function restoreSqlite(from: string, { database }: BackupManifest, to: string): Promise<void> {
  await proven(from, database);
  await mkdir(dirname(to), { recursive: true });
  await copyFile(join(from, database.file), to);
  await syncPath(to);
}

async function proven(from: string, { file, size, hex }: BackupManifest['database']): Promise<void> {
  const found = await sha256Of(join(from, file));
  if (found.size !== size || found.hex !== hex) throw damaged(file, changed);
}

/**
 * The rows of a backup into a database whose tables were just made, whichever kind each of them is.
 * @throws PIPL_BACKUP_DAMAGED PIPL_BACKUP_OTHER
 */
export async function restoreRows(from: string, manifest: BackupManifest, db: Database): Promise<void> {
  await proven(from, manifest.database);
  const file = join(from, manifest.database.file);
  const steps = await stepsOf(db);
  if (manifest.database.kind === 'lines') {
    const seen = new Set<string>();
    for await (const line of linesIn(file)) for (const step of stepsTold(line)) seen.add(step);
    refuseOther([...seen].toSorted(), steps);
    return loadTables(db, linesIn(file));
  }
  const source: Database = await openDatabase(file);
  try {
    refuseOther(await stepsOf(source), steps);
    const lines: DumpLine[] = [];
    await dumpTables(source, async (line) => void lines.push(line));
    await loadTables(
      db,
      (async function* () {
        yield* lines;
      })(),
    );
  } finally {
    await source.destroy();
  }
}

async function* linesIn(file: string): AsyncGenerator<DumpLine> {
  const lines = createInterface({ input: createReadStream(file).pipe(createGunzip()), crlfDelay: Infinity });
  for await (const line of lines) yield JSON.parse(line) as DumpLine;
}

const stepsTold = ({ table, rows }: DumpLine): string[] => {
  if (table === 'registry_migrations') return rows.map(({ name }) => String(name));
  return table === 'ci_migrations' ? rows.map(({ version }) => `ci ${version}`) : [];
};

function refuseOther(theirs: readonly string[], ours: readonly string[]): void {
  if (theirs.join() === ours.join()) return;
  const more = theirs.filter((step) => !ours.includes(step));
  throw piplError('invalid', 'PIPL_BACKUP_OTHER', {
    what: 'The backup was made by another version of pipl.',
    why: more.length > 0 ? `This one does not know ${more.join(', ')}.` : 'Its tables are older than these.',
    hint: 'Restore it with the version that made it, into the kind of database that it comes from; then update.',
  });
}
