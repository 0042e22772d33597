/**
 * Frees what no version needs any longer, while people publish. A version that was withdrawn from a stable index
 * keeps its content, so that the past can be looked into; one of a volatile index does not.
 */
import type { Blobs, Collected } from '../blobs/blobs.ts';
import type { Database, Queries } from '../state/tables.ts';
import { alone } from './upkeep.ts';

/** Milliseconds: a publish takes less. */
export const usualGrace = 60 * 60_000;

export const collectGarbage = (
  { db, blobs }: { readonly db: Database; readonly blobs: Blobs },
  grace = usualGrace,
): Promise<Collected> => alone(db, () => blobs.collect({ grace, named: neededIn(db) }));

/** The same question, by itself or inside a transaction. */
export const neededIn =
  (db: Database) =>
  (integrities: readonly string[], queries: Queries = db): Promise<Set<string>> =>
    neededOf(queries, integrities);

/** Which of these some version or mirror needs. */
export async function neededOf(db: Queries, integrities: readonly string[]): Promise<Set<string>> {
  if (integrities.length === 0) return new Set();
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
