/**
 * What is refused at publish because resolvers disagree about it: pnpm lets a `*` below the first level follow a
 * prerelease `latest`, which no other range does. So nobody asks for an owned packl with `*`, and `latest` is not
 * set to a prerelease while there are stable versions.
 */
import { piplError, type IndexName, type Row } from '@pipl/packl';
import { prerelease } from 'semver';
import { lineage } from './indexes.ts';
import type { Rights } from '../people/rights.ts';
import type { Queries } from '../state/tables.ts';

/** Trimmed first: one expression for both takes the square of the time for a range of spaces. */
const isAnything = (range: string): boolean => /^[*xX]?$/.test(range.trim());

const looseAsks = ({ manifest: { dependencies, optionalDependencies } }: Row): string[] =>
  Object.entries({ ...dependencies, ...optionalDependencies })
    .filter(([, range]) => isAnything(range))
    .map(([name]) => name);

/** Third-party names may be asked for with `*`: the packl's own lock pins them. @throws PIPL_RANGE_ANY */
export async function refuseLooseRanges(
  tx: Queries,
  { rights, index, rows }: { rights: Rights; index: IndexName; rows: readonly Row[] },
): Promise<void> {
  const asked = new Set(rows.flatMap(looseAsks));
  if (asked.size === 0) return;
  const stored = await tx
    .selectFrom('registry_versions')
    .select('name')
    .distinct()
    .where('name', 'in', [...asked])
    .where(
      'index_name',
      'in',
      lineage(rights.indexes, index).map(({ name }) => name),
    )
    .execute();
  const owned = new Set([...stored, ...rows].map(({ name }) => name));
  for (const row of rows) {
    const loose = looseAsks(row).find((name) => owned.has(name));
    if (loose === undefined) continue;
    throw piplError('invalid', 'PIPL_RANGE_ANY', {
      what: `${row.name}@${row.version} asks for any version of ${loose}.`,
      why: 'Package managers disagree about what `*` means once there are prereleases.',
      hint: `Say which versions will do, for example ^1.0.0: \`pipl packl add ${loose}\` writes it.`,
    });
  }
}

/** @param rows what the index shows of the name @throws PIPL_TAG_LATEST */
export function refusePrereleaseLatest(version: string, rows: readonly Row[]): void {
  if (prerelease(version) === null) return;
  const stable = rows.find((row) => row.withdrawn !== true && prerelease(row.version) === null);
  if (stable === undefined) return;
  throw piplError('invalid', 'PIPL_TAG_LATEST', {
    what: `${version} does not become latest.`,
    why: `It is a prerelease, and there are stable versions such as ${stable.version}.`,
    hint: 'Give it another tag, for example next.',
  });
}
