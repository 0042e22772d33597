/**
 * The schema of `registry_*`, step by step: one file a step in `migrations/`, listed here under its file's name.
 *
 * A step that was released is never edited: add another. Steps of one release may have been made beside each
 * other, so one that sorts before what a database has already seen still runs.
 */
import { Migrator, type Migration } from 'kysely/migration';
import { piplError } from '@pipl/packl';
import { first } from './migrations/2026-01-first.ts';
import { arriving } from './migrations/2026-11-arriving.ts';
import { bucket } from './migrations/2026-11-bucket.ts';
import { gates } from './migrations/2026-11-gates.ts';
import { indexes } from './migrations/2026-11-indexes.ts';
import { outside } from './migrations/2026-11-outside.ts';
import { people } from './migrations/2026-11-people.ts';
import { settleColumns } from './postgres-columns.ts';
import { isAway } from './postgres-failure.ts';
import type { Database } from './tables.ts';

const steps: Readonly<Record<string, Migration>> = {
  '2026-01-first': first,
  '2026-11-arriving': arriving,
  '2026-11-bucket': bucket,
  '2026-11-gates': gates,
  '2026-11-indexes': indexes,
  '2026-11-outside': outside,
  '2026-11-people': people,
};

/** @throws PIPL_DATABASE when a step fails; the steps before it stay */
export async function migrate(db: Database): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve(steps) },
    allowUnorderedMigrations: true,
    migrationTableName: 'registry_migrations',
    migrationLockTableName: 'registry_migrations_lock',
  });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return settleColumns(db, 'registry_');
  if (isAway(error)) throw error;
  throw piplError('invalid', 'PIPL_DATABASE', {
    what: 'The database of the registry cannot be brought up to date.',
    why: error instanceof Error ? error.message : 'A step of the migration failed.',
    hint: 'Was the project last used by a newer pipl? Use that one, or restore the project from a backup.',
    cause: error,
  });
}
