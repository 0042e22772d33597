/** Making, changing and removing indexes: each with its line in the feed, in one transaction. */
import { piplError, type IndexName } from '@pipl/packl';
import type { IndexView } from '@pipl/registry-client';
import { appendChanges } from '../feed/feed.ts';
import { noGroup, readRights, refuseUnknownUsers } from '../people/groups.ts';
import { changedIndex, settingsOf, type IndexChange } from './index-change.ts';
import { indexIn, noIndex, readIndexes } from './indexes.ts';
import { mayAdminister, type Principal } from '../people/principal.ts';
import { everybody, everyUser, mayRead, ownerOf, type Rights } from '../people/rights.ts';
import { readRows } from '../reading/rows.ts';
import { reachableNow } from '../feed/reachable.ts';
import { refuseInner } from '../feed/safe-fetch.ts';
import type { Store } from '../state/store.ts';
import type { Queries } from '../state/tables.ts';

/** Whoever gets a right must be there. @throws PIPL_NO_USER PIPL_NO_GROUP */
async function refuseUnknown(tx: Queries, change: IndexChange, { groups }: Rights): Promise<void> {
  const named = [change.read, change.publish, change.promote].flatMap((list) => list ?? []);
  const given = named.filter((entry) => entry !== everybody && entry !== everyUser);
  const missing = given.filter((entry) => entry.startsWith(':') && !groups.has(entry.slice(1)));
  if (missing.length > 0) throw noGroup(missing.map((entry) => entry.slice(1)));
  await refuseUnknownUsers(tx, [...new Set(given.filter((entry) => !entry.startsWith(':')))]);
}

async function refuseRetired(tx: Queries, name: IndexName): Promise<void> {
  const gone = await tx
    .selectFrom('registry_retired_indexes')
    .select(['removed_at', 'removed_by'])
    .where('name', '=', name)
    .executeTakeFirst();
  if (gone === undefined) return;
  throw piplError('conflict', 'PIPL_INDEX_GONE', {
    what: `${name} cannot be made again.`,
    why: `It held versions until ${gone.removed_by} removed it (${gone.removed_at}); what they were must stay true.`,
    hint: 'Choose another name.',
  });
}

/**
 * Creates or changes an index: its owner and root may. A base that they may not read is refused as if it were not
 * there: runs in their index would read it for them.
 * @throws PIPL_INDEX PIPL_INDEX_NAME PIPL_INDEX_EXISTS PIPL_INDEX_GONE PIPL_NO_INDEX PIPL_NO_USER PIPL_NO_GROUP
 *   PIPL_INNER_ADDRESS PIPL_NO_ANSWER PIPL_LOGIN_NEEDED PIPL_DENIED
 */
export async function setIndex(
  store: Store,
  { name, change }: { name: IndexName; change: IndexChange },
  principal: Principal,
): Promise<IndexView> {
  const by = mayAdminister(principal, ownerOf(name), `change the index ${name}`);
  if (change.mirror !== undefined && change.near !== true) {
    await refuseInner({ url: change.mirror, reachable: await reachableNow(store.db) });
  }
  const after = await store.db.transaction().execute(async (tx) => {
    const rights = await readRights(tx, store);
    const stored = await readIndexes(tx);
    const index = changedIndex(stored, name, change);
    const hidden = change.bases?.find((base) => !mayRead(rights, principal, base));
    if (hidden !== undefined) throw noIndex(hidden);
    if (!stored.has(name)) await refuseRetired(tx, name);
    await refuseUnknown(tx, change, rights);
    const at = store.now().toISOString();
    const content = {
      bases: JSON.stringify(index.bases),
      volatile: index.volatile ? 1 : 0,
      mirror: index.mirror ?? null,
      settings: settingsOf(index),
    };
    await tx
      .insertInto('registry_indexes')
      .values({ name, ...content, created_at: at, created_by: by })
      .onConflict((conflict) => conflict.column('name').doUpdateSet(content))
      .execute();
    await appendChanges(tx, at, [{ index: name, op: 'index', name: '', version: '', by }]);
    return index;
  });
  store.rang();
  return after;
}

export interface Removal {
  readonly name: IndexName;
  /** although it is stable and holds versions */
  readonly force: boolean;
  readonly message?: string;
}

const notRemoved = (name: string, why: string, hint: string) =>
  piplError('conflict', 'PIPL_INDEX_IN_USE', { what: `${name} is not removed.`, why, hint });

/** @throws PIPL_INDEX_IN_USE */
function refuseUsed({ indexes, common }: Rights, name: IndexName): void {
  if (name === common) throw notRemoved(name, "It is the project's own index.", 'Choose another one.');
  const others = [...indexes.values()].filter(
    ({ bases, handlers = [] }) => bases.includes(name) || handlers.some(({ from }) => from === name),
  );
  if (others.length === 0) return;
  throw notRemoved(
    name,
    `${others.map((one) => one.name).join(', ')} inherit from it, or take promotions of its handlers.`,
    'Change these first: `pipl proj index set`.',
  );
}

/**
 * Removes an index with what it holds. One that others inherit from stays; a stable one that holds versions goes
 * only by force. A name that held versions is never given out again: what was promoted or made from them tells
 * of it. Content that nothing names any longer goes with the next collection.
 * @returns how many versions went with it
 * @throws PIPL_INDEX_IN_USE PIPL_INDEX_NOT_EMPTY PIPL_NO_INDEX PIPL_LOGIN_NEEDED PIPL_DENIED
 */
export async function removeIndex(
  store: Store,
  { name, force, message }: Removal,
  principal: Principal,
): Promise<number> {
  const by = mayAdminister(principal, ownerOf(name), `remove the index ${name}`);
  const removed = await store.db.transaction().execute(async (tx) => {
    const rights = await readRights(tx, store);
    const index = indexIn(rights.indexes, name);
    refuseUsed(rights, name);
    const rows = await readRows(tx, { indexes: [name] });
    if (rows.length > 0 && !index.volatile && !force) {
      throw piplError('conflict', 'PIPL_INDEX_NOT_EMPTY', {
        what: `${name} is not removed.`,
        why: `It is stable and holds ${rows.length} version(s), which somebody may rely on.`,
        hint: `Withdraw what is wrong, or remove all of it for ever: \`pipl proj index remove ${name} --force\`.`,
      });
    }
    const at = store.now().toISOString();
    for (const table of ['registry_versions', 'registry_tags', 'registry_mirrored'] as const) {
      await tx.deleteFrom(table).where('index_name', '=', name).execute();
    }
    await tx.deleteFrom('registry_indexes').where('name', '=', name).execute();
    if (rows.length > 0) {
      const held = rows.map((row) => `${row.name}@${row.version} ${row.integrity}`);
      await tx
        .insertInto('registry_retired_indexes')
        .values({
          name,
          removed_at: at,
          removed_by: by,
          held: JSON.stringify(held),
          message: message ?? null,
        })
        .execute();
    }
    const told = message === undefined ? {} : { message };
    await appendChanges(tx, at, [{ index: name, op: 'index', name: '', version: '', by, ...told }]);
    return rows.length;
  });
  store.rang();
  return removed;
}
