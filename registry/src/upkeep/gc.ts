/**
 * Frees what no version needs any longer, while people publish. A version that was withdrawn from a stable index
 * keeps its content, so that the past can be looked into; one of a volatile index does not.
 */
import type { Blobs } from '../publishing/blobs.ts';
import type { Collected } from '../publishing/blobs-collect.ts';
import type { Database } from '../state/tables.ts';
import { alone } from './upkeep.ts';

/** Milliseconds: a publish takes less. */
export const usualGrace = 60 * 60_000;

export const collectGarbage = (
  { db, blobs }: { readonly db: Database; readonly blobs: Blobs },
  grace = usualGrace,
): Promise<Collected> =>
  alone(db, () => blobs.collect({ grace, named: (integrities) => neededOf(db, integrities) }));

/** Which of these some version or mirror needs. */
export async function neededOf(db: Database, integrities: readonly string[]): Promise<Set<string>> {
  const versions = await db
    .selectFrom('registry_versions as version')
    .leftJoin('registry_indexes as index', 'index.name', 'version.index_name')
    .select('version.integrity')
    .where('version.integrity', 'in', integrities)
    .where(({ or, eb }) => or([eb('version.withdrawn', '=', 0), eb('index.volatile', 'is distinct from', 1)]))
    .execute();
  const mirrored = await db
    .selectFrom('registry_mirrored')
    .select('integrity')
    .where('integrity', 'in', integrities)
    .execute();
  return new Set([...versions, ...mirrored].map(({ integrity }) => integrity));
}
