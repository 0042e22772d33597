/**
 * The reactor's tables in the project's database, and their migrations.
 *
 * A record of the reactor's state is one row: its table (tasks, runs, waves, …), its key and its JSON. The
 * feed's cursor is one of the records, so it is in the same transaction as what a change led to.
 */
import { piplError } from '@pipl/packl';
import { backendOf, settleColumns } from '@pipl/registry';
import { sql, type Kysely } from 'kysely';
import { records } from './migrations/0001-records.ts';
import { runRecords } from './migrations/0003-run-records.ts';
import { turns } from './migrations/0002-turns.ts';
import { points } from './migrations/0004-points.ts';
import { waves } from './migrations/0005-waves.ts';

export interface CiTables {
  ci_records: {
    table: string;
    key: string;
    value: string;
    /** counts up as they are first written */ place: number;
  };
  ci_migrations: { version: number; at: string };
  /** what is kept of a run for good, as JSON */
  ci_run_records: { attempt: string; record: string };
  /** long texts that many runs share */
  ci_texts: { hash: string; content: string };
  /** what a point of a step made, by everything that it may have read */
  ci_points: {
    /** code lock and task type: only runs of the same code share points */
    scope: string;
    key: string;
    index_name: string;
    /** that made it */
    attempt: string;
    /** JSON list of `PointOutput` */
    outputs: string;
    at: string;
  };
  /** One row. */
  ci_reactor: {
    id: 1;
    /** counts the takeovers: who has the newest may write */
    epoch: number;
    /** counts the steps: what has not moved needs no second look */
    steps: number;
    /** of the server that reacts */
    url: string | null;
  };
}

type Step = (db: Kysely<CiTables>, is: 'sqlite' | 'postgres') => Promise<void>;

/** One file a step, in order; a step that was released is never edited: add another. */
const migrations: readonly Step[] = [records, turns, runRecords, points, waves];

/**
 * Brings the reactor's tables to the newest version, in one transaction.
 * @throws PIPL_DATABASE, before anything is written, for what a newer server has migrated
 */
export async function migrate(db: Kysely<CiTables>, now: string): Promise<void> {
  const { is } = backendOf(db);
  await db.transaction().execute(async (tx) => {
    await sql`create table if not exists ci_migrations (version integer primary key, at text not null)`.execute(
      tx,
    );
    const done = await tx.selectFrom('ci_migrations').select('version').execute();
    const newest = Math.max(0, ...done.map(({ version }) => version));
    if (newest > migrations.length) throw tooNew(newest);
    for (const [index, migration] of migrations.entries()) {
      const version = index + 1;
      if (done.some((row) => row.version === version)) continue;
      await migration(tx, is);
      await tx.insertInto('ci_migrations').values({ version, at: now }).execute();
    }
  });
  await settleColumns(db, 'ci_');
}

const tooNew = (version: number) =>
  piplError('invalid', 'PIPL_DATABASE', {
    what: 'The database of the project was made by a newer pipl.',
    why: `It has version ${version} of the reactor's tables, this server knows ${migrations.length}.`,
    hint: 'Update pipl (`pipl --version` prints what this is), or restore the project from a backup.',
  });
