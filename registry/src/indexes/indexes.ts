/** The indexes of a project: which there are, what they inherit, in which order a name is looked for. */
import { piplError, type IndexName, type PiplError } from '@pipl/packl';
import type { Gate, IndexView } from '@pipl/registry-client';
import type { Queries, Tables } from '../state/tables.ts';

/** Reads, once, what the pure functions below need. */
export async function readIndexes(db: Queries): Promise<Map<IndexName, IndexView>> {
  const rows = await db
    .selectFrom('registry_indexes')
    .leftJoin('registry_gates', 'registry_gates.index_name', 'registry_indexes.name')
    .selectAll('registry_indexes')
    .select('registry_gates.gate')
    .orderBy('name')
    .execute();
  return new Map(rows.map((row) => [row.name, viewOf(row)]));
}

const viewOf = (row: Tables['registry_indexes'] & { gate: string | null }): IndexView => ({
  name: row.name,
  bases: JSON.parse(row.bases) as IndexName[],
  volatile: row.volatile !== 0,
  ...(row.mirror === null ? {} : { mirror: row.mirror }),
  ...(row.settings === null ? {} : (JSON.parse(row.settings) as Partial<IndexView>)),
  ...(row.gate === null ? {} : { gate: JSON.parse(row.gate) as Gate }),
});

export const noIndex = (name: string): PiplError =>
  piplError('notFound', 'PIPL_NO_INDEX', {
    what: `There is no index ${name}.`,
    why: 'This project has no index of that name, or not for you.',
    hint: '`pipl proj index list-indexes` lists those you may read; `pipl login` says who you are.',
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
