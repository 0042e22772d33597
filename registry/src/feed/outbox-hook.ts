/** Delivers for one webhook: from where it stands in the feed to the end, page by page, then waits for more. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Change } from '@pipl/packl';
import { currentRights } from '../people/fast-rights.ts';
import { claim, giveUp, leaseTime, putBack, remember, type Holder } from './outbox-state.ts';
import { reachableNow } from './reachable.ts';
import { readRows } from '../reading/rows.ts';
import type { Store } from '../state/store.ts';
import { sendTo, type Message, type Sending } from './webhook-send.ts';
import { visibleChanges } from './visible-feed.ts';
import { mayWant, wants, webhookRow, type Webhook } from './webhooks.ts';

export interface Mail {
  readonly store: Store;
  readonly project: string;
  /** this server process, among others on the same database */
  readonly me: string;
  /** milliseconds before each further try */
  readonly pauses: readonly number[];
  readonly patience: number;
  /** milliseconds before another look at a hook for which another server delivers */
  readonly lookEvery: number;
  readonly resolve: Sending['resolve'];
  readonly closing: AbortSignal;
  /** after a place in the feed, oldest first; shared by the hooks that stand there */
  readonly pageAfter: (since: number) => Promise<readonly Change[]>;
}

export const pageSize = 200;
/** Deliveries that a crash may repeat. */
const mostUnsaved = 16;
/** Milliseconds after which what was done is noted, so that the lease cannot run out. */
const saveEvery = leaseTime / 3;
/** Milliseconds after a change, for more of them to come: under many publishes a hook looks now and then, not each time. */
const gathering = 20;

const holderOf = ({ store, me }: Mail, { id }: Pick<Webhook, 'id'>): Holder => ({ id, me, now: store.now() });

async function kindOf({ db }: Store, { index, name, version }: Change): Promise<string | undefined> {
  if (version === '') return undefined;
  const [row] = await readRows(db, { indexes: [index], name, version });
  return row === undefined ? undefined : (row.manifest.pipl?.kind ?? 'npm');
}

/** What the hook is told about this change; undefined for nothing. */
export async function messageFor(
  { store, project }: Mail,
  hook: Webhook,
  change: Change,
): Promise<Message | undefined> {
  if (!mayWant(hook, change)) return undefined;
  const kind = await kindOf(store, change);
  if (!wants(hook, change, kind)) return undefined;
  const maker = { is: 'user', name: hook.created_by } as const;
  const [shown] = visibleChanges(await currentRights(store.db, store), maker, [change]);
  if (shown === undefined) return undefined;
  const data = { project, change: shown, ...(kind === undefined ? {} : { kind }) };
  return { type: `pipl.${change.op}`, timestamp: change.at, data };
}

export async function send(mail: Mail, hook: Webhook, { seq, message }: { seq: number; message: Message }) {
  const { store, patience, resolve, closing } = mail;
  const how = {
    patience,
    signal: closing,
    reachable: await reachableNow(store.db),
    ...(resolve === undefined ? {} : { resolve }),
  };
  return sendTo(hook, { seq, message, now: store.now() }, how);
}

/** Notes a failure: another try later, or, after the last one, gives the change up. */
async function refused(
  mail: Mail,
  hook: Webhook,
  { seq, cursor, tried, status }: { seq: number; cursor: number; tried: number; status: string },
): Promise<void> {
  const { store, pauses } = mail;
  const holder = holderOf(mail, hook);
  const pause = pauses[tried];
  if (pause === undefined) {
    await giveUp(store.db, holder, { seq, attempts: tried + 1, status });
    console.warn(
      `webhook ${hook.id} was not given change ${seq}, after ${tried + 1} tries: ${status} ` +
        `Once it answers again: pipl proj webhook redeliver ${hook.id}`,
    );
    return;
  }
  // A little apart, so that hooks that failed together do not come back together.
  const next = new Date(holder.now.getTime() + pause * (1 + Math.random() / 5));
  await putBack(store.db, holder, { cursor, attempts: tried + 1, next, status });
}

/** @returns up to where the hook need not look again */
async function deliver(mail: Mail, hook: Webhook, changes: readonly Change[]): Promise<number> {
  const { store, closing } = mail;
  let cursor = hook.cursor;
  let tried = hook.attempts;
  let status: string | undefined;
  let unsaved = 0;
  let savedAt = 0;
  for (const change of changes) {
    if (closing.aborted) break;
    const message = await messageFor(mail, hook, change);
    if (message !== undefined) {
      if (savedAt === 0 && !(await claim(store.db, holderOf(mail, hook)))) return hook.cursor;
      if (savedAt === 0) savedAt = performance.now();
      const sent = await send(mail, hook, { seq: change.seq, message });
      if (!sent.delivered) {
        await refused(mail, hook, { seq: change.seq, cursor, tried, status: sent.status });
        return cursor;
      }
      ({ status } = sent);
      tried = 0;
      unsaved += 1;
    }
    cursor = change.seq;
    if (unsaved >= mostUnsaved || (unsaved > 0 && performance.now() - savedAt > saveEvery)) {
      if (!(await remember(store.db, holderOf(mail, hook), { cursor, status }))) return cursor;
      unsaved = 0;
      savedAt = performance.now();
    }
  }
  if (unsaved > 0) await remember(store.db, holderOf(mail, hook), { cursor, status });
  return cursor;
}

/** Passing by changes is noted now and then only: a publish that no hook wants costs no write. */
async function noteSkipped(mail: Mail, hook: Webhook, cursor: number): Promise<void> {
  if (cursor - hook.cursor < pageSize) return;
  const holder = holderOf(mail, hook);
  if (await claim(mail.store.db, holder))
    await remember(mail.store.db, holder, { cursor, status: undefined });
}

/** Ends when the hook is removed or the server closes. */
export async function followHook(mail: Mail, id: string): Promise<void> {
  const { store, closing, lookEvery } = mail;
  let passed = 0;
  for (;;) {
    closing.throwIfAborted();
    const row = await webhookRow(store.db, id);
    if (row === undefined) return;
    const now = store.now();
    if (row.next_at !== null && row.next_at > now.toISOString()) {
      // In pieces: the hook may be removed meanwhile.
      const left = new Date(row.next_at).getTime() - now.getTime();
      await sleep(Math.min(left, lookEvery), undefined, { signal: closing });
      continue;
    }
    const from = Math.max(row.cursor, passed);
    const changes = await mail.pageAfter(from);
    if (changes.length === 0) {
      await waitFor(mail, from);
      continue;
    }
    passed = await deliver(mail, { ...row, cursor: from }, changes);
    if (passed === from) await sleep(Math.min(lookEvery, 50), undefined, { signal: closing });
    else await noteSkipped(mail, row, passed);
  }
}

/** For a change, or for long enough to look whether the hook is still there. */
async function waitFor({ store, closing, lookEvery }: Mail, since: number): Promise<void> {
  const look = AbortSignal.timeout(lookEvery);
  try {
    await store.feed.wait(since, AbortSignal.any([closing, look]));
    await sleep(gathering, undefined, { signal: closing });
  } catch (error) {
    if (closing.aborted || !look.aborted) throw error;
  }
}
