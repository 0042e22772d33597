/** The rows that somebody brings to the registry of a world, and which of them it cannot take. */
import { PiplError } from '@pipl/packl';
import type { IndexName, MadeElsewhere, Manifest, Row } from '@pipl/packl';
import { versionKey } from '../types.ts';

/** How rows come, and in whose name: a person's unless it is a run's. */
export interface Admission {
  readonly index: IndexName;
  readonly op: 'publish' | 'promote';
  readonly run?: string;
}

export const rowsOf = (manifests: readonly Manifest[], index: IndexName): Row[] =>
  manifests.map((manifest) => ({
    index,
    name: manifest.name,
    version: manifest.version,
    integrity: `sha512-${index}-${manifest.name}-${manifest.version}-${JSON.stringify(manifest.pipl)}`,
    manifest,
  }));

/** @throws PiplError */
export function refuseTaken(known: ReadonlyMap<string, Row>, rows: readonly Row[]): void {
  const taken = rows.find(({ index, name, version }) => known.has(versionKey(index, name, version)));
  if (taken === undefined) return;
  const message = `${taken.name}@${taken.version} is taken.`;
  throw new PiplError({ code: 'PIPL_VERSION_TAKEN', kind: 'conflict', message });
}

/** What is referenced, as it stands where it was made. @throws PiplError when it is no longer that */
export const referredRows = (known: ReadonlyMap<string, Row>, { index, products }: MadeElsewhere): Row[] =>
  products.map(({ name, version, integrity }) => {
    const row = known.get(versionKey(index, name, version));
    if (row !== undefined && row.integrity === integrity && row.withdrawn !== true) return row;
    const message = `${name}@${version} is not there any more.`;
    throw new PiplError({ code: 'PIPL_REFERENCE_GONE', kind: 'conflict', message });
  });
