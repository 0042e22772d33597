/**
 * The gates that are in force: rows, so that every server of a project judges by the same ones from the same moment.
 * Where they are written down, `.pipl`, is others' business: what it says is taken when a server starts, and when
 * somebody changes a gate. A change is a line of the feed for its index: whoever was not let in is looked at again.
 */
import { indexName, piplError, type IndexName } from '@pipl/packl';
import type { Gate, IndexView } from '@pipl/registry-client';
import { appendChanges } from '../feed/feed.ts';
import { mayAdminister, type Principal } from '../people/principal.ts';
import { everybody, everyUser } from '../people/rights.ts';
import type { Store } from '../state/store.ts';
import type { Database, Queries } from '../state/tables.ts';
import { indexIn, readIndexes } from './indexes.ts';

const textOf = ({ checks, approval, self, approvals }: Gate): string =>
  JSON.stringify({ checks, approval, self, approvals });

/** Writes those that are others than before; undefined: none. */
async function write(
  tx: Queries,
  { gates, by, at }: { gates: ReadonlyMap<IndexName, Gate | undefined>; by: string; at: string },
): Promise<void> {
  const rows = await tx.selectFrom('registry_gates').selectAll().execute();
  const before = new Map(rows.map((row) => [row.index_name, row.gate]));
  const isOther = ([name, gate]: [IndexName, Gate | undefined]) =>
    before.get(name) !== (gate === undefined ? undefined : textOf(gate));
  const changed = [...gates].filter(isOther);
  if (changed.length === 0) return;
  for (const [name, gate] of changed) {
    await tx.deleteFrom('registry_gates').where('index_name', '=', name).execute();
    if (gate !== undefined)
      await tx
        .insertInto('registry_gates')
        .values({ index_name: name, gate: textOf(gate) })
        .execute();
  }
  const there = await readIndexes(tx);
  const lines = changed.flatMap(([index]) =>
    there.has(index) ? [{ index, op: 'index', name: '', version: '', by } as const] : [],
  );
  await appendChanges(tx, at, lines);
}

/** All there are from now on, as `.pipl` says when a server starts. */
export async function takeGates(
  db: Database,
  { gates, at }: { gates: Readonly<Record<string, Gate>>; at: string },
): Promise<void> {
  const given = Object.entries(gates).map(([name, gate]) => [indexName(name), gate] as const);
  await db.transaction().execute(async (tx) => {
    const rows = await tx.selectFrom('registry_gates').select('index_name').execute();
    const gone = rows.map((row) => [row.index_name, undefined] as const);
    await write(tx, { gates: new Map([...gone, ...given]), by: 'root', at });
  });
}

/** A name misspelt would keep the gate shut for ever. @throws PIPL_NO_USER */
async function refuseUnknown(tx: Queries, approval: readonly string[]): Promise<void> {
  const named = approval.filter((entry) => entry !== everybody && entry !== everyUser);
  if (named.length === 0) return;
  const plain = named.map((entry) => entry.replace(/^:/, ''));
  const users = await tx.selectFrom('registry_users').select('name').where('name', 'in', plain).execute();
  const groups = await tx.selectFrom('registry_groups').select('name').where('name', 'in', plain).execute();
  const known = new Set([
    ...users.map(({ name }) => name),
    ...groups.flatMap(({ name }) => [name, `:${name}`]),
  ]);
  const unknown = named.filter((entry) => !known.has(entry));
  if (unknown.length === 0) return;
  throw piplError('notFound', 'PIPL_NO_USER', {
    what: `There is no user or group ${unknown.join(', ')}.`,
    why: 'A gate that asks for the approval of nobody stays shut.',
    hint: 'Add them first: `pipl proj user add`, or `pipl proj group set`.',
  });
}

/**
 * One gate, from now on; undefined: none. Only root may.
 * @returns the index as it is now
 * @throws PIPL_NO_INDEX PIPL_NO_USER PIPL_LOGIN_NEEDED PIPL_DENIED
 */
export async function setGate(
  store: Store,
  { index, gate }: { index: IndexName; gate: Gate | undefined },
  principal: Principal,
): Promise<IndexView> {
  const by = mayAdminister(principal, 'root', `change the gate of ${index}`);
  const after = await store.db.transaction().execute(async (tx) => {
    indexIn(await readIndexes(tx), index);
    await refuseUnknown(tx, gate?.approval ?? []);
    await write(tx, { gates: new Map([[index, gate]]), by, at: store.now().toISOString() });
    return indexIn(await readIndexes(tx), index);
  });
  store.rang();
  return after;
}
