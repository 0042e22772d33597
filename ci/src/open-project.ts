/** A project's lock and database, whichever it has: taken together, let go together. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openDatabase } from '@pipl/registry';
import type { Kysely } from 'kysely';
import type { ProjectSettings } from './project-file.ts';
import { lockProject } from './project-lock.ts';
import { migrate } from './tables.ts';

export interface OpenProject {
  /** PROJ/system */
  readonly dataDir: string;
  // eslint-disable-next-line typescript/no-explicit-any -- everybody's tables
  readonly db: Kysely<any>;
  close(): Promise<void>;
}

/**
 * @throws PIPL_PROJECT_IN_USE PIPL_DATABASE PIPL_DATABASE_AWAY PIPL_DATABASE_REFUSED; nothing stays open then
 */
export async function openProject(
  project: string,
  { database }: Pick<ProjectSettings, 'database'>,
): Promise<OpenProject> {
  const dataDir = join(project, 'system');
  const lock = await lockProject(project, database === undefined ? 'alone' : 'shared');
  try {
    await mkdir(join(dataDir, 'runs'), { recursive: true });
    const where = database ?? join(dataDir, 'db', 'pipl.sqlite');
    const db = await openDatabase(where, process.env['PIPL_DATABASE_PASSWORD']);
    await migrate(db, new Date().toISOString());
    return {
      dataDir,
      db,
      async close() {
        await db.destroy();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}
