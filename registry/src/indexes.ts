/** The indexes of a project: which there are, what they inherit, in which order a name is looked for. */
import { indexName, piplError, type IndexName, type PiplError } from '@pipl/packl';
import type { IndexView } from '@pipl/registry-client';
import type { Queries, Tables } from './tables.ts';

/** Reads, once, what the pure functions below need. */
export async function readIndexes(db: Queries): Promise<Map<IndexName, IndexView>> {
  const rows = await db.selectFrom('registry_indexes').selectAll().orderBy('name').execute();
  return new Map(rows.map((row) => [row.name, viewOf(row)]));
}

const viewOf = (row: Tables['registry_indexes']): IndexView => ({
  name: row.name,
  bases: JSON.parse(row.bases) as IndexName[],
  volatile: row.volatile !== 0,
  ...(row.mirror === null ? {} : { mirror: row.mirror }),
});

export const noIndex = (name: string): PiplError =>
  piplError('notFound', 'PIPL_NO_INDEX', {
    what: `There is no index ${name}.`,
    why: 'This project has no index of that name.',
    hint: '`pipl proj index list-indexes` lists them.',
  });

/** @throws PIPL_NO_INDEX */
export function indexIn(indexes: ReadonlyMap<IndexName, IndexView>, name: IndexName): IndexView {
  const found = indexes.get(name);
  if (found === undefined) throw noIndex(name);
  return found;
}

/** An index and everything it inherits, nearest first: itself, then its bases depth first, each once. */
export function lineage(indexes: ReadonlyMap<IndexName, IndexView>, name: IndexName): IndexView[] {
  const seen = new Set<IndexName>();
  const order: IndexView[] = [];
  const visit = (next: IndexName) => {
    const index = indexes.get(next);
    if (seen.has(next) || index === undefined) return;
    seen.add(next);
    order.push(index);
    for (const base of index.bases) visit(base);
  };
  visit(name);
  return order;
}

export interface IndexChange {
  readonly bases?: readonly IndexName[];
  readonly volatile?: boolean;
  readonly mirror?: string;
}

const wrong = (what: string, why: string, hint: string) =>
  piplError('invalid', 'PIPL_INDEX', { what, why, hint });

const isPlain = ({ protocol, username, password }: URL) =>
  /^https?:$/.test(protocol) && username === '' && password === '';

/** The index as it will be. @throws PIPL_INDEX PIPL_INDEX_NAME PIPL_NO_INDEX */
export function changedIndex(
  indexes: ReadonlyMap<IndexName, IndexView>,
  name: IndexName,
  change: IndexChange,
): IndexView {
  indexName(name);
  const before = indexes.get(name);
  const mirror = change.mirror ?? before?.mirror;
  const after: IndexView = {
    name,
    bases: change.bases ?? before?.bases ?? [],
    volatile: change.volatile ?? before?.volatile ?? false,
    ...(mirror === undefined ? {} : { mirror }),
  };
  if (before !== undefined && before.mirror !== mirror) {
    throw wrong(
      `${name} cannot become a mirror.`,
      'It holds packls of its own, or may.',
      'Create another index for it.',
    );
  }
  const upstream = mirror === undefined ? undefined : URL.parse(mirror);
  if (upstream === null || (upstream !== undefined && !isPlain(upstream))) {
    throw wrong(
      `${name} cannot mirror that address.`,
      'An upstream registry is an http or https URL without a user or password: everybody can read it here.',
      'Give its plain URL.',
    );
  }
  if (mirror !== undefined && after.bases.length > 0) {
    throw wrong(
      `${name} cannot have bases.`,
      'A mirror holds what its upstream holds.',
      'Give the bases to another index.',
    );
  }
  for (const base of after.bases) indexIn(indexes, indexName(base));
  const circle = after.bases.find((base) => lineage(indexes, base).some((index) => index.name === name));
  if (circle !== undefined) {
    throw wrong(
      `${name} cannot inherit from ${circle}.`,
      `${circle} inherits from ${name}.`,
      'Choose bases without a circle.',
    );
  }
  return after;
}
