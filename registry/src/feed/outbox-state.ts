/**
 * What an outbox keeps in the database about one hook: how far it is, who delivers for it, what was given up.
 * Each is one statement or one transaction; all but the first work only for the server that holds the lease.
 */
import type { Database } from '../state/tables.ts';

/** Milliseconds. A server that died lets go after this. */
export const leaseTime = 60_000;

export interface Holder {
  readonly id: string;
  /** the server process that delivers */
  readonly me: string;
  readonly now: Date;
}

const untilOf = (now: Date) => new Date(now.getTime() + leaseTime).toISOString();

/** Takes or prolongs the lease. @returns false while another server has it, or when the hook is gone */
export async function claim(db: Database, { id, me, now }: Holder): Promise<boolean> {
  const claimed = await db
    .updateTable('registry_webhooks')
    .set({ lease_by: me, lease_until: untilOf(now) })
    .where('id', '=', id)
    .where((where) =>
      where.or([
        where('lease_by', 'is', null),
        where('lease_by', '=', me),
        where('lease_until', '<', now.toISOString()),
      ]),
    )
    .returning('id')
    .execute();
  return claimed.length > 0;
}

const held = (db: Database, { id, me }: Holder) =>
  db.updateTable('registry_webhooks').where('id', '=', id).where('lease_by', '=', me);

/** @param cursor everything up to it is done @returns false when the lease is lost */
export async function remember(
  db: Database,
  holder: Holder,
  { cursor, status }: { cursor: number; status: string | undefined },
): Promise<boolean> {
  const at = holder.now.toISOString();
  const kept = await held(db, holder)
    .set({
      cursor,
      lease_until: untilOf(holder.now),
      ...(status === undefined ? {} : { attempts: 0, next_at: null, last_at: at, last_status: status }),
    })
    .returning('id')
    .execute();
  return kept.length > 0;
}

/** The change after `cursor` was refused and is tried again, at `next`. */
export async function putBack(
  db: Database,
  holder: Holder,
  { cursor, attempts, next, status }: { cursor: number; attempts: number; next: Date; status: string },
): Promise<void> {
  await held(db, holder)
    .set({
      cursor,
      attempts,
      next_at: next.toISOString(),
      last_at: holder.now.toISOString(),
      last_status: status,
    })
    .execute();
}

/** The change `seq` was refused for the last time: the hook goes on behind it. */
export async function giveUp(
  db: Database,
  holder: Holder,
  { seq, attempts, status }: { seq: number; attempts: number; status: string },
): Promise<void> {
  const at = holder.now.toISOString();
  await db.transaction().execute(async (tx) => {
    const kept = await tx
      .updateTable('registry_webhooks')
      .set({ cursor: seq, attempts: 0, next_at: null, last_at: at, last_status: status })
      .where('id', '=', holder.id)
      .where('lease_by', '=', holder.me)
      .returning('id')
      .execute();
    if (kept.length === 0) return;
    await tx
      .insertInto('registry_webhook_dead')
      .values({ hook: holder.id, seq, at, attempts, error: status })
      .onConflict((conflict) =>
        conflict.columns(['hook', 'seq']).doUpdateSet({ at, attempts, error: status }),
      )
      .execute();
  });
}

export async function bury(db: Database, id: string, seq: number): Promise<void> {
  await db.deleteFrom('registry_webhook_dead').where('hook', '=', id).where('seq', '=', seq).execute();
}

/** At the end of a server: the next one need not wait for the lease to run out. */
export async function letGo(db: Database, me: string): Promise<void> {
  await db
    .updateTable('registry_webhooks')
    .set({ lease_by: null, lease_until: null })
    .where('lease_by', '=', me)
    .execute();
}
