/**
 * Delivers changes to webhooks: each hook has its own place in the feed, so a publish writes nothing for it and
 * waits for nobody, and what was published while the server was down is delivered after.
 *
 * Promises: every change that a hook wants reaches it at least once, in order; a change that is refused again
 * and again is given up after the last pause, kept for `redeliver`, and said so in the log; a slow or dead
 * receiver delays nobody else. Of several servers on one database one delivers for a hook, under a lease.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { piplError, type PiplError } from '@pipl/packl';
import type { Delivery } from '@pipl/registry-client';
import { followHook, messageFor, pageSize, send, type Mail } from './outbox-hook.ts';
import { bury, letGo } from './outbox-state.ts';
import type { Principal } from '../people/principal.ts';
import { sharedAnswers } from './shared-answers.ts';
import type { Store } from '../state/store.ts';
import type { Sending } from './webhook-send.ts';
import { deadLetters, webhookOf, type Webhook } from './webhooks.ts';

export interface OutboxOptions {
  /** Milliseconds before each further try; after the last one a change is given up. */
  readonly pauses?: readonly number[];
  /** Milliseconds for one try. */
  readonly patience?: number;
  /** Milliseconds between looks for hooks that another server was given. */
  readonly lookEvery?: number;
  /** Resolves names: the system's resolver when not given. */
  readonly resolve?: Sending['resolve'];
}

export interface Outbox {
  /** Delivers for the hooks there are now. */
  look(): Promise<void>;
  /** What was given up, or one change, at once and in order. @throws PIPL_NO_WEBHOOK PIPL_NO_CHANGE */
  redeliver(id: string, seq: number | undefined, principal: Principal): Promise<Delivery[]>;
  /** @throws PIPL_NO_WEBHOOK */
  test(id: string, principal: Principal): Promise<Delivery>;
  close(): Promise<void>;
}

const minute = 60_000;
/** Half a day in all. */
const usualPauses = [5_000, 30_000, ...[2, 10, 30, 60, 180, 480].map((minutes) => minutes * minute)];
const mostRedelivered = 50;

const noChange = (seq: number, why: string): PiplError =>
  piplError('notFound', 'PIPL_NO_CHANGE', {
    what: `Change ${seq} is not delivered to this webhook.`,
    why,
    hint: '`pipl proj webhook list --json` prints what was given up.',
  });

/** Changes by their seqs, as the feed has them. */
async function redeliverSome(
  mail: Mail,
  hook: Webhook,
  { seqs, asked }: { seqs: readonly number[]; asked: boolean },
): Promise<Delivery[]> {
  const { feed, db } = mail.store;
  const deliveries: Delivery[] = [];
  for (const seq of seqs.slice(0, mostRedelivered)) {
    const [change] = (await feed.read(seq - 1, 1)).changes;
    if (change?.seq !== seq) throw noChange(seq, 'There is no such change.');
    const message = await messageFor(mail, hook, change);
    if (message === undefined && asked) throw noChange(seq, 'Its filter leaves that change out.');
    const sent =
      message === undefined
        ? { delivered: true, status: 'no longer wanted' }
        : await send(mail, hook, { seq, message });
    deliveries.push({ seq, ...sent });
    // Order counts: what comes after one that fails again waits with it.
    if (!sent.delivered) break;
    await bury(db, hook.id, seq);
  }
  return deliveries;
}

/** Keeps one loop running for each hook, and takes it up again when the database failed it. */
function followers(mail: Mail) {
  const running = new Map<string, Promise<void>>();
  const keepFollowing = async (id: string) => {
    while (!mail.closing.aborted) {
      try {
        await followHook(mail, id);
        return;
      } catch (error) {
        if (mail.closing.aborted) return;
        console.error(`webhook ${id}: `, error);
        await sleep(mail.lookEvery, undefined, { signal: mail.closing }).catch(() => undefined);
      }
    }
  };
  return {
    async look() {
      const hooks = await mail.store.db.selectFrom('registry_webhooks').select('id').execute();
      for (const { id } of hooks) {
        if (running.has(id) || mail.closing.aborted) continue;
        running.set(
          id,
          keepFollowing(id).finally(() => running.delete(id)),
        );
      }
    },
    idle: () => Promise.all(running.values()),
  };
}

export function openOutbox(
  store: Store,
  { project, options = {} }: { project: string; options?: OutboxOptions | undefined },
): Outbox {
  const closing = new AbortController();
  const { pauses = usualPauses, patience = 10_000, lookEvery = 5_000, resolve } = options;
  const me = randomUUID();
  const pageAfter = sharedAnswers(async (since: number) => (await store.feed.read(since, pageSize)).changes);
  const settings = { pauses, patience, lookEvery, resolve };
  const mail: Mail = { store, project, me, ...settings, closing: closing.signal, pageAfter };
  const { look, idle } = followers(mail);
  const looking = setInterval(() => {
    look().catch((error: unknown) => console.error('webhooks: ', error));
  }, lookEvery).unref();

  return {
    look,
    async redeliver(id, seq, principal) {
      const hook = await webhookOf(store, id, principal);
      const seqs = seq === undefined ? (await deadLetters(store.db, id)).map((dead) => dead.seq) : [seq];
      return redeliverSome(mail, hook, { seqs, asked: seq !== undefined });
    },
    async test(id, principal) {
      const hook = await webhookOf(store, id, principal);
      const message = { type: 'pipl.ping', timestamp: store.now().toISOString(), data: { project } } as const;
      return { seq: 0, ...(await send(mail, hook, { seq: 0, message })) };
    },
    async close() {
      closing.abort();
      clearInterval(looking);
      await idle();
      await letGo(store.db, me);
    },
  };
}
