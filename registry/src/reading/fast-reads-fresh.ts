/**
 * What reads may keep between requests, and when it ends: rights, and whatever was made from the rows of a name.
 *
 * The feed is the truth: every change of what an index shows stands in it, rights and indexes too. Before an
 * answer is taken from memory the feed is caught up with. With SQLite this process makes every change, so it
 * knows without asking whether there is one; with PostgreSQL others do, so it asks, once for all who ask at the
 * same time. So whoever was told that something is published sees it, whichever process they ask.
 */
import type { IndexName } from '@pipl/packl';
import { backendOf } from '../state/database.ts';
import { currentRights } from '../people/fast-rights.ts';
import type { Principal } from '../people/principal.ts';
import type { Order } from './reads.ts';
import { readableLineage, type Rights } from '../people/rights.ts';
import { sharedWork } from '../state/shared-work.ts';
import { statement } from '../state/statement.ts';
import type { Store } from '../state/store.ts';

/** An index as somebody may see it. */
export interface Sight {
  /** nearest first */
  readonly order: Order;
  /** names the indexes: two who see the same have the same */
  readonly key: string;
}

export interface Fresh {
  /** Catches up. Nothing to wait for when nothing has changed. */
  now(): Promise<void> | undefined;
  /** Of the last change that is known; what is made now is as of it. */
  seen(): number;
  /** Is what was made of this name, as of `seq`, still what would be made now? */
  holds(name: string, seq: number): boolean;
  rights(): Rights;
  /** @throws PIPL_NO_INDEX also for an index that they may not read */
  sight(principal: Principal, index: IndexName): Sight;
  /** After each commit of this process that appended to the feed. */
  rang(): void;
}

/** Names whose last change is remembered; when there are more, everything older is forgotten at once. */
const mostNames = 50_000;
const mostLines = 1_000;

const linesAfter = statement(['since'], (db, { since }) =>
  db
    .selectFrom('registry_changes')
    .select(['seq', 'op', 'name'])
    .where('seq', '>', since)
    .orderBy('seq', 'desc')
    .limit(mostLines),
);

/** Which names changed when. */
function lastChanges() {
  const names = new Map<string, number>();
  let floor = 0;
  return {
    everything(seq: number) {
      names.clear();
      floor = seq;
    },
    name(name: string, seq: number) {
      if (names.size >= mostNames) this.everything(seq);
      names.set(name, seq);
    },
    holds: (name: string, seq: number) => seq >= floor && seq >= (names.get(name) ?? 0),
  };
}

/** Whom rights cannot tell apart. */
function keyOf(principal: Principal): string {
  switch (principal.is) {
    case 'anonymous':
      return '';
    case 'user':
      return `${principal.name} ${principal.limits === undefined ? '' : JSON.stringify(principal.limits)}`;
    case 'run':
      return `:${principal.index}`;
  }
}

const mostSights = 5_000;

function sights(rights: Rights) {
  const known = new Map<string, Sight>();
  return (principal: Principal, index: IndexName): Sight => {
    const key = `${index} ${keyOf(principal)}`;
    const kept = known.get(key);
    if (kept !== undefined) return kept;
    const order = readableLineage(rights, principal, index);
    const sight = { order, key: order.map(({ name }) => name).join(' ') };
    if (known.size >= mostSights) known.clear();
    known.set(key, sight);
    return sight;
  };
}

export async function openFresh(store: Omit<Store, 'rang'>): Promise<Fresh> {
  const { db } = store;
  const isAlone = backendOf(db).is === 'sqlite';
  const changes = lastChanges();
  let seen = await store.feed.head();
  let rights = await currentRights(db, store);
  let sightOf = sights(rights);
  // Counted, not flagged: who asks while the feed is being read must not be told that it was read already.
  let rung = 0;
  let caughtUp = 0;

  const catchUp = sharedWork(async () => {
    const began = rung;
    const lines = await linesAfter(db, { since: seen });
    const last = lines[0]?.seq;
    if (last === undefined) {
      caughtUp = began;
      return;
    }
    if (lines.length === mostLines || lines.some(({ op, name }) => op === 'index' || name === '')) {
      rights = await currentRights(db, store);
      sightOf = sights(rights);
      changes.everything(last);
    }
    for (const { name, seq } of lines.toReversed()) if (name !== '') changes.name(name, seq);
    seen = last;
    caughtUp = began;
  });

  return {
    now: () => (isAlone && caughtUp === rung ? undefined : catchUp()),
    seen: () => seen,
    holds: changes.holds,
    rights: () => rights,
    sight: (principal, index) => sightOf(principal, index),
    rang() {
      rung += 1;
    },
  };
}
