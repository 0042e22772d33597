/**
 * What grows with a wave stands by itself: whom each change woke, and how often a task was started in its last wave.
 * A record of a wave with ten thousand runs in it would be written anew with each of them.
 */
import type { Kysely } from 'kysely';
import type { CiTables } from '../tables.ts';

interface OldWave {
  readonly id: string;
  readonly changes?: readonly { readonly seq: number; readonly woke: readonly string[] }[];
  readonly runs?: unknown;
  readonly laps?: Readonly<Record<string, readonly string[]>>;
  readonly starts?: Readonly<Record<string, number>>;
}

export async function waves(db: Kysely<CiTables>): Promise<void> {
  const rows = await db
    .selectFrom('ci_records')
    .selectAll()
    .where('table', '=', 'waves')
    .orderBy('place')
    .execute();
  const last = await db
    .selectFrom('ci_records')
    .select(({ fn }) => fn.max('place').as('place'))
    .executeTakeFirst();
  let place = last?.place ?? 0;
  for (const row of rows) {
    const { changes = [], runs: _, laps = {}, starts = {}, ...wave } = JSON.parse(row.value) as OldWave;
    const first = Math.min(...changes.map(({ seq }) => seq));
    await replace(db, row, { ...wave, ...(changes.length === 0 ? {} : { first }) });
    for (const { seq, woke } of changes) {
      const value = JSON.stringify({ wave: wave.id, seq, woke });
      place += 1;
      await db
        .insertInto('ci_records')
        .values({ table: 'woken', key: `${wave.id} ${seq}`, value, place })
        .execute();
    }
    await noteStarts(db, { id: wave.id, laps, starts });
  }
}

/** Waves come in their order: what a task keeps is of the last one that it ran in. */
async function noteStarts(
  db: Kysely<CiTables>,
  { id, laps, starts }: Required<Pick<OldWave, 'id' | 'laps' | 'starts'>>,
): Promise<void> {
  for (const key of new Set([...Object.keys(starts), ...Object.keys(laps)])) {
    const row = await db
      .selectFrom('ci_records')
      .selectAll()
      .where('table', '=', 'tasks')
      .where('key', '=', key)
      .executeTakeFirst();
    if (row === undefined) continue;
    const inWave = { wave: id, starts: starts[key] ?? 0, laps: laps[key] ?? [] };
    await replace(db, row, { ...(JSON.parse(row.value) as object), inWave });
  }
}

const replace = (
  db: Kysely<CiTables>,
  { table, key }: { readonly table: string; readonly key: string },
  value: object,
) =>
  db
    .updateTable('ci_records')
    .set({ value: JSON.stringify(value) })
    .where('table', '=', table)
    .where('key', '=', key)
    .execute();
