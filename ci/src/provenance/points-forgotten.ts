/**
 * Known points that no run vouches for go: their run failed, was cancelled or is not known any more, or its products
 * are withdrawn or no longer hold what it made. Nobody would be given them. What a run that is under way has laid
 * down stays: it has yet to end.
 */
import type { KnownPoint } from '@pipl/registry-client';
import type { Kysely } from 'kysely';
import type { CiTables } from '../tables.ts';

export interface Forgetting {
  readonly isUnderWay: (attempt: string) => boolean;
  /** as whoever asks for a point has it judged */
  readonly holds: (point: KnownPoint) => Promise<boolean>;
  /** counts them and keeps them */
  readonly dryRun: boolean;
}

/** Rows of one look. */
const atOnce = 500;

interface Place {
  readonly scope: string;
  readonly key: string;
}

/** @returns how many went, or would go */
export async function forgetPoints(db: Kysely<CiTables>, asked: Forgetting): Promise<number> {
  let count = 0;
  let after: Place = { scope: '', key: '' };
  for (;;) {
    const rows = await pageOf(db, after);
    for (const { scope, key, attempt, outputs } of rows) {
      const point = { key, attempt, outputs: JSON.parse(outputs) as KnownPoint['outputs'] };
      if (asked.isUnderWay(attempt) || (await asked.holds(point))) continue;
      count += 1;
      if (!asked.dryRun) await forget(db, { scope, key }, attempt);
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < atOnce) return count;
    after = last;
  }
}

const pageOf = (db: Kysely<CiTables>, { scope, key }: Place) =>
  db
    .selectFrom('ci_points')
    .select(['scope', 'key', 'attempt', 'outputs'])
    .where(({ eb, and, or }) =>
      or([eb('scope', '>', scope), and([eb('scope', '=', scope), eb('key', '>', key)])]),
    )
    .orderBy('scope')
    .orderBy('key')
    .limit(atOnce)
    .execute();

/** Unless another run has made it meanwhile. */
const forget = (db: Kysely<CiTables>, { scope, key }: Place, attempt: string) =>
  db
    .deleteFrom('ci_points')
    .where('scope', '=', scope)
    .where('key', '=', key)
    .where('attempt', '=', attempt)
    .execute();
