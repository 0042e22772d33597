/**
 * Products by reference: what a run published in one index is shown in another one, where a run of the same key
 * would have made the same. A promotion that the reactor asks for in the name of the run that need not be: the same
 * bytes, no copy, all or nothing, let in by the guard as what that run releases. Asked again it answers the same.
 */
import { piplError, versionTaken, type MadeElsewhere, type Pin, type Ticket } from '@pipl/packl';
import { appendChanges } from '../feed/feed.ts';
import { commitTogether } from './group-commit.ts';
import { copyRow } from '../indexes/copy-row.ts';
import { indexIn } from '../indexes/indexes.ts';
import { currentRights } from '../people/fast-rights.ts';
import { readRows, rowOf, type StoredRow } from '../reading/rows.ts';
import type { Store } from '../state/store.ts';
import type { Queries } from '../state/tables.ts';

/** Of the run that is not needed. */
export type ReferRequest = Pick<Ticket, 'attempt' | 'index' | 'task'> & { readonly reference: MadeElsewhere };

/** @throws PIPL_REFERENCE_GONE PIPL_VERSION_TAKEN PIPL_NO_INDEX and what the guard refuses */
export async function refer(store: Store, request: ReferRequest): Promise<void> {
  await commitTogether(store.db, (tx) => referIn(tx, store, request));
  store.rang();
}

async function referIn(tx: Queries, store: Store, request: ReferRequest): Promise<void> {
  const { attempt, index, task, reference } = request;
  const done = await tx
    .selectFrom('registry_changes')
    .select('seq')
    .where('run', '=', attempt)
    .where('op', '=', 'run')
    .executeTakeFirst();
  if (done !== undefined) return;
  indexIn((await currentRights(tx, store)).indexes, index);
  const sources: StoredRow[] = [];
  for (const product of reference.products) {
    sources.push(await sourceOf(tx, reference, product));
    const [there] = await readRows(tx, { indexes: [index], name: product.name, version: product.version });
    if (there !== undefined) throw versionTaken(`${product.name}@${product.version}`, index);
  }
  const packls = sources.map(({ name }) => name);
  const principal = { is: 'run', attempt, index, packls } as const;
  const rows = sources.map((source) => ({ ...rowOf(source), index }));
  const { unchanged = [] } = (await store.guard?.check(tx, { index, principal, rows, run: attempt })) ?? {};
  const fresh = sources.filter(({ name }) => !unchanged.some((one) => one.name === name));
  const [at, by] = [store.now().toISOString(), `run:${attempt}`];
  for (const source of fresh) {
    const { name, version, integrity } = source;
    const origin = { index: source.index, seq: source.seq, integrity, by: source.publishedBy };
    const [seq = 0] = await appendChanges(tx, at, [
      { index, op: 'promote', name, version, integrity, by, run: attempt, origin },
    ]);
    await copyRow(tx, { into: index, by, at, keys: store.keys, run: attempt }, { source, seq });
  }
  const outcome = {
    published: fresh.map(({ name, version, integrity }) => ({ name, version, integrity })),
    unchanged: unchanged.map(({ name, version }) => ({ name, version })),
  };
  const { name, version } = task;
  await appendChanges(tx, at, [{ index, op: 'run', name, version, by, run: attempt, outcome }]);
}

async function sourceOf(
  tx: Queries,
  { index }: MadeElsewhere,
  { name, version, integrity }: Pin,
): Promise<StoredRow> {
  const [row] = await readRows(tx, { indexes: [index], name, version });
  if (row?.integrity === integrity && row.withdrawn !== true) return row;
  throw piplError('conflict', 'PIPL_REFERENCE_GONE', {
    what: `${name}@${version} is no longer in ${index} as it was made there.`,
    why: 'It was withdrawn or written over meanwhile.',
    hint: 'Nothing is to be done: the task that asked for it runs.',
  });
}
