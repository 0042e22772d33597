/**
 * Groups of users, and everything rights are judged by, read from the database.
 *
 * A change of a group is a change of every index whose settings name it: so who keeps an answer that depended on
 * rights need watch the feed only.
 */
import { piplError, type PiplError } from '@pipl/packl';
import type { GroupView, IndexView } from '@pipl/registry-client';
import { appendChanges } from '../feed/feed.ts';
import { readIndexes } from '../indexes/indexes.ts';
import { mayAdminister, type Principal } from './principal.ts';
import type { Rights } from './rights.ts';
import type { Store } from '../state/store.ts';
import type { Queries } from '../state/tables.ts';

async function readMembers(db: Queries): Promise<Map<string, Set<string>>> {
  const groups = await db.selectFrom('registry_groups').select('name').orderBy('name').execute();
  const members = await db.selectFrom('registry_group_members').selectAll().orderBy('user_name').execute();
  const all = new Map(groups.map(({ name }) => [name, new Set<string>()]));
  for (const { group_name: group, user_name: user } of members) all.get(group)?.add(user);
  return all;
}

/** Inside a transaction: as they are there. */
export const readRights = async (db: Queries, { common }: Pick<Store, 'common'>): Promise<Rights> => ({
  indexes: await readIndexes(db),
  groups: await readMembers(db),
  common,
});

export async function listGroups(db: Queries): Promise<GroupView[]> {
  const groups = await readMembers(db);
  return [...groups].map(([name, members]) => ({ name, members: [...members] }));
}

const groupPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

function refuseName(name: string): void {
  if (groupPattern.test(name) && name !== 'ANONYMOUS' && name !== 'AUTHENTICATED') return;
  throw piplError('usage', 'PIPL_GROUP_NAME', {
    what: `"${name}" is not a name for a group.`,
    why: 'Letters, digits, dot, dash and underscore, at most 64, and neither ANONYMOUS nor AUTHENTICATED.',
    hint: 'For example supervisors; rights name it as :supervisors.',
  });
}

/** @throws PIPL_NO_USER */
export async function refuseUnknownUsers(tx: Queries, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  const rows = await tx.selectFrom('registry_users').select('name').where('name', 'in', names).execute();
  const known = new Set(rows.map(({ name }) => name));
  const unknown = names.filter((name) => !known.has(name));
  if (unknown.length === 0) return;
  throw piplError('notFound', 'PIPL_NO_USER', {
    what: `There is no user ${unknown.join(', ')}.`,
    why: 'Rights are given to users that exist, so that nobody gets them later by taking the name.',
    hint: 'Add them first: `pipl proj user add`.',
  });
}

export const noGroup = (names: readonly string[]): PiplError =>
  piplError('notFound', 'PIPL_NO_GROUP', {
    what: `There is no group ${names.join(', ')}.`,
    why: 'Nobody has made it.',
    hint: '`pipl proj group list` lists the groups, `pipl proj group set` makes one.',
  });

const namesGroup = (view: IndexView, group: string): boolean =>
  [view.read, view.publish, view.promote].some((list) => list?.includes(`:${group}`) === true);

/** One line in the feed for each index whose rights have just changed. */
async function tellIndexes(
  tx: Queries,
  { now, group, by }: { now: Date; group: string; by: string },
): Promise<void> {
  const indexes = [...(await readIndexes(tx)).values()].filter((view) => namesGroup(view, group));
  const lines = indexes.map(({ name }) => ({ index: name, op: 'index', name: '', version: '', by }) as const);
  await appendChanges(tx, now.toISOString(), lines);
}

/** Creates or changes: only root may. @throws PIPL_GROUP_NAME PIPL_NO_USER PIPL_DENIED */
export async function setGroup(
  store: Store,
  { name, members }: GroupView,
  principal: Principal,
): Promise<GroupView> {
  const by = mayAdminister(principal, 'root', `change the group ${name}`);
  refuseName(name);
  const all = [...new Set(members)].toSorted();
  await store.db.transaction().execute(async (tx) => {
    await refuseUnknownUsers(tx, all);
    const now = store.now();
    await tx
      .insertInto('registry_groups')
      .values({ name, created_at: now.toISOString(), created_by: by })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .execute();
    await tx.deleteFrom('registry_group_members').where('group_name', '=', name).execute();
    const rows = all.map((user) => ({ group_name: name, user_name: user }));
    if (rows.length > 0) await tx.insertInto('registry_group_members').values(rows).execute();
    await tellIndexes(tx, { now, group: name, by });
  });
  store.rang();
  return { name, members: all };
}

/** Only root may, and only a group that no index names. @throws PIPL_NO_GROUP PIPL_GROUP_IN_USE PIPL_DENIED */
export async function removeGroup(store: Store, name: string, principal: Principal): Promise<void> {
  mayAdminister(principal, 'root', `remove the group ${name}`);
  await store.db.transaction().execute(async (tx) => {
    const using = [...(await readIndexes(tx)).values()].filter((view) => namesGroup(view, name));
    if (using.length > 0) {
      throw piplError('conflict', 'PIPL_GROUP_IN_USE', {
        what: `The group ${name} is not removed.`,
        why: `It has rights in ${using.map((view) => view.name).join(', ')}.`,
        hint: 'Take the rights away first: `pipl proj index set`.',
      });
    }
    await tx.deleteFrom('registry_group_members').where('group_name', '=', name).execute();
    const gone = await tx.deleteFrom('registry_groups').where('name', '=', name).returning('name').execute();
    if (gone.length === 0) throw noGroup([name]);
  });
}
