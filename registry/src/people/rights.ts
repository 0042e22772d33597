/**
 * Who may read an index, publish to it, promote into it. Pure: indexes, groups and the asker in, yes or no out.
 *
 * An index that somebody may not read is not there for them: not by its name, not as a base of another, not in
 * the feed. Runs read the index of their grant and everything it inherits, whoever may else.
 */
import type { IndexName } from '@pipl/packl';
import type { IndexView } from '@pipl/registry-client';
import { indexIn, lineage } from '../indexes/indexes.ts';
import type { Principal } from './principal.ts';

/** What rights are judged by, read at once. */
export interface Rights {
  readonly indexes: ReadonlyMap<IndexName, IndexView>;
  /** group → members */
  readonly groups: ReadonlyMap<string, ReadonlySet<string>>;
  /** the project's own index */
  readonly common: IndexName;
}

export const everybody = ':ANONYMOUS:';
export const everyUser = ':AUTHENTICATED:';

export const ownerOf = (index: IndexName): string => index.slice(0, index.indexOf('/'));

/** Does this list name the user? */
export function includes(
  groups: Rights['groups'],
  list: readonly string[],
  user: string | undefined,
): boolean {
  return list.some((entry) => {
    if (entry === everybody) return true;
    if (user === undefined) return false;
    if (entry === everyUser || entry === user) return true;
    return entry.startsWith(':') && groups.get(entry.slice(1))?.has(user) === true;
  });
}

/** Its owner, and root. */
export const mayAdministerIndex = (user: string, index: IndexName): boolean =>
  user === 'root' || ownerOf(index) === user;

/** A token that is for some indexes reads these and what they inherit. */
const isWithin = ({ indexes }: Rights, limits: readonly IndexName[] | undefined, index: IndexName): boolean =>
  limits === undefined || limits.some((one) => lineage(indexes, one).some(({ name }) => name === index));

/** False for an index that is not there. */
export function mayRead(rights: Rights, principal: Principal, index: IndexName): boolean {
  const view = rights.indexes.get(index);
  if (view === undefined) return false;
  switch (principal.is) {
    case 'anonymous':
      return view.read === undefined || includes(rights.groups, view.read, undefined);
    case 'user':
      if (!isWithin(rights, principal.limits?.indexes, index)) return false;
      return (
        view.read === undefined ||
        mayAdministerIndex(principal.name, index) ||
        includes(rights.groups, view.read, principal.name)
      );
    case 'run':
      return lineage(rights.indexes, principal.index).some(({ name }) => name === index);
  }
}

export const readableIndexes = (rights: Rights, principal: Principal): Set<IndexName> =>
  new Set([...rights.indexes.keys()].filter((index) => mayRead(rights, principal, index)));

/**
 * The index and what it inherits, nearest first, without the bases that the asker may not read.
 * @throws PIPL_NO_INDEX also for an index that they may not read
 */
export function readableLineage(rights: Rights, principal: Principal, index: IndexName): IndexView[] {
  if (!mayRead(rights, principal, index)) return [indexIn(new Map(), index)];
  return lineage(rights.indexes, index).filter(({ name }) => mayRead(rights, principal, name));
}

/** The users that may publish to an index directly, its owner and root left out. */
export const publishers = ({ common }: Rights, view: IndexView): readonly string[] =>
  view.publish ?? (view.name === common ? [everyUser] : []);

export const mayPublishTo = (rights: Rights, user: string, index: IndexName): boolean => {
  const view = rights.indexes.get(index);
  return (
    mayAdministerIndex(user, index) ||
    (view !== undefined && includes(rights.groups, publishers(rights, view), user))
  );
};

export function mayPromoteInto(rights: Rights, user: string, index: IndexName): boolean {
  const view = rights.indexes.get(index);
  if (view === undefined) return false;
  return (
    mayAdministerIndex(user, index) || includes(rights.groups, view.promote ?? publishers(rights, view), user)
  );
}

/** May this handler of `from` promote from there into the index, for somebody who may not? */
export const handlerMayPromote = (
  { indexes }: Rights,
  { handler, from, into }: { handler: string; from: IndexName; into: IndexName },
): boolean =>
  indexes.get(into)?.handlers?.some((grant) => grant.handler === handler && grant.from === from) === true;
