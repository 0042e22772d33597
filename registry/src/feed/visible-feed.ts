/**
 * The feed as one asker may see it: changes of the indexes they may read, no others. The reactor, inside the
 * server, reads the whole feed itself.
 *
 * What is left out still counts: `through` says how far the answer goes, so that a reader goes on from there and
 * not from the last change it was shown.
 */
import type { Change } from '@pipl/packl';
import { currentRights } from '../people/fast-rights.ts';
import type { Principal } from '../people/principal.ts';
import { mayRead, ownerOf, type Rights } from '../people/rights.ts';
import type { Store } from '../state/store.ts';

export interface Seen {
  readonly changes: readonly Change[];
  readonly head: number;
  /** every change up to this seq that the asker may see is in this answer or was before it */
  readonly through: number;
}

/** Of an index that is gone, its owner and root see what happened. */
const maySee = (rights: Rights, principal: Principal, { index }: Change): boolean => {
  if (rights.indexes.has(index)) return mayRead(rights, principal, index);
  return principal.is === 'user' && (principal.name === 'root' || principal.name === ownerOf(index));
};

/** Without the name of an origin that they may not read. */
function shown(rights: Rights, principal: Principal, change: Change): Change {
  if (change.origin === undefined || mayRead(rights, principal, change.origin.index)) return change;
  const { origin: _, ...rest } = change;
  return rest;
}

export const visibleChanges = (rights: Rights, principal: Principal, changes: readonly Change[]): Change[] =>
  changes
    .filter((change) => maySee(rights, principal, change))
    .map((change) => shown(rights, principal, change));

const page = 1000;

/** Reads on until there is something to show or the end of the feed. */
export async function readVisible(
  store: Store,
  principal: Principal,
  { since, limit }: { since: number; limit: number },
): Promise<Seen> {
  const rights = await currentRights(store.db, store);
  for (let from = since; ;) {
    const { changes, head } = await store.feed.read(from, Math.min(limit, page));
    const through = changes.at(-1)?.seq ?? Math.max(from, head);
    const visible = visibleChanges(rights, principal, changes);
    if (visible.length > 0 || changes.length === 0) return { changes: visible, head, through };
    from = through;
  }
}

/** As {@link readVisible}, and stays on the line while there is nothing to show, until `signal` aborts. */
export async function waitVisible(
  store: Store,
  principal: Principal,
  { since, limit, signal }: { since: number; limit: number; signal: AbortSignal },
): Promise<Seen> {
  for (let from = since; ;) {
    const seen = await readVisible(store, principal, { since: from, limit });
    if (seen.changes.length > 0 || signal.aborted) return seen;
    from = seen.through;
    await store.feed.wait(from, signal).catch((error: unknown) => {
      // Nothing came in time: an empty answer is the answer.
      if (!signal.aborted) throw error;
    });
  }
}
