/**
 * Webhooks: who is told of which changes, and where. Adding, listing, removing; `outbox.ts` delivers.
 *
 * A hook of root may hear of everything, one of somebody else of the indexes that they own; and never of what
 * its maker may not read.
 */
import { randomBytes } from 'node:crypto';
import { indexName, piplError, type Change, type PiplError } from '@pipl/packl';
import type { NewWebhook, WebhookView } from '@pipl/registry-client';
import { mayAdminister, mustBePerson, type Principal } from '../people/principal.ts';
import { ownerOf } from '../people/rights.ts';
import { outerUrl } from './safe-fetch.ts';
import type { Store } from '../state/store.ts';
import type { Database, Tables } from '../state/tables.ts';

export type Webhook = Tables['registry_webhooks'];

const ops: readonly string[] = [
  'publish',
  'overwrite',
  'promote',
  'tag',
  'untag',
  'deprecate',
  'undeprecate',
  'withdraw',
  'index',
  'verdict',
  'failed',
  'settled',
  'run',
] satisfies readonly Change['op'][];
const kinds: readonly string[] = ['code', 'task', 'product', 'envset', 'editor', 'npm'];
const mostHooks = 200;

const bad = (what: string, why: string, hint: string): PiplError =>
  piplError('usage', 'PIPL_WEBHOOK', { what, why, hint });

function listOf(given: readonly string[] | undefined, known: readonly string[], word: string): string | null {
  if (given === undefined || given.length === 0) return null;
  const strange = given.find((one) => !known.includes(one));
  if (strange === undefined) return JSON.stringify(given);
  throw bad(
    `"${strange}" is no ${word}.`,
    `There are ${known.join(', ')}.`,
    `Give some of these, or none for all.`,
  );
}

/** As the Standard Webhooks specification writes secrets, so that its libraries verify ours. */
function secretOf(given: string | undefined): string {
  if (given === undefined) return `whsec_${randomBytes(32).toString('base64')}`;
  if (/^whsec_[A-Za-z0-9+/]{32,128}={0,2}$/.test(given)) return given;
  throw bad(
    'The secret of a webhook cannot be used.',
    'It is whsec_ and at least 24 bytes in base64.',
    'Leave it out: the server makes one and prints it once.',
  );
}

/** @throws PIPL_WEBHOOK PIPL_INNER_ADDRESS PIPL_DENIED PIPL_LOGIN_NEEDED */
export async function addWebhook(
  store: Store,
  given: NewWebhook,
  principal: Principal,
): Promise<{ webhook: WebhookView; secret: string }> {
  const by = mustBePerson(principal, 'add a webhook');
  const indexes = given.indexes?.map((index) => indexName(index)) ?? [];
  if (indexes.length === 0) mayAdminister(principal, 'root', 'add a webhook for all indexes');
  for (const index of indexes) mayAdminister(principal, ownerOf(index), `add a webhook for ${index}`);
  const known = await store.db.selectFrom('registry_webhooks').select('id').execute();
  if (known.length >= mostHooks) {
    throw bad('No webhook is added.', `There are ${mostHooks} already.`, 'Remove some that nobody needs.');
  }
  const row: Webhook = {
    id: `wh${randomBytes(8).toString('hex')}`,
    url: outerUrl(given.url).href,
    secret: secretOf(given.secret),
    indexes: indexes.length === 0 ? null : JSON.stringify(indexes),
    ops: listOf(given.ops, ops, 'kind of change'),
    kinds: listOf(given.kinds, kinds, 'kind of packl'),
    created_at: store.now().toISOString(),
    created_by: by,
    cursor: await store.feed.head(),
    attempts: 0,
    next_at: null,
    last_at: null,
    last_status: null,
    lease_by: null,
    lease_until: null,
  };
  await store.db.insertInto('registry_webhooks').values(row).execute();
  return { webhook: await viewOf(store, row), secret: row.secret };
}

const noHook = (id: string): PiplError =>
  piplError('notFound', 'PIPL_NO_WEBHOOK', {
    what: `There is no webhook ${id}.`,
    why: 'It was removed, or belongs to somebody else.',
    hint: '`pipl proj webhook list` lists those you may see.',
  });

export const webhookRow = (db: Database, id: string): Promise<Webhook | undefined> =>
  db.selectFrom('registry_webhooks').selectAll().where('id', '=', id).executeTakeFirst();

/** The hook, when it is root's or their own who asks. @throws PIPL_NO_WEBHOOK PIPL_LOGIN_NEEDED */
export async function webhookOf(store: Store, id: string, principal: Principal): Promise<Webhook> {
  const by = mustBePerson(principal, 'see a webhook');
  const row = await webhookRow(store.db, id);
  if (row === undefined || (by !== 'root' && row.created_by !== by)) throw noHook(id);
  return row;
}

export async function listWebhooks(store: Store, principal: Principal): Promise<WebhookView[]> {
  const by = mustBePerson(principal, 'list webhooks');
  let query = store.db.selectFrom('registry_webhooks').selectAll().orderBy('created_at').orderBy('id');
  if (by !== 'root') query = query.where('created_by', '=', by);
  const views: WebhookView[] = [];
  for (const row of await query.execute()) views.push(await viewOf(store, row));
  return views;
}

/** @throws PIPL_NO_WEBHOOK */
export async function removeWebhook(store: Store, id: string, principal: Principal): Promise<void> {
  await webhookOf(store, id, principal);
  await store.db.transaction().execute(async (tx) => {
    await tx.deleteFrom('registry_webhooks').where('id', '=', id).execute();
    await tx.deleteFrom('registry_webhook_dead').where('hook', '=', id).execute();
  });
}

export async function deadLetters(
  db: Database,
  id: string,
): Promise<{ seq: number; at: string; attempts: number; error: string }[]> {
  return db
    .selectFrom('registry_webhook_dead')
    .select(['seq', 'at', 'attempts', 'error'])
    .where('hook', '=', id)
    .orderBy('seq')
    .execute();
}

const filterOf = (json: string | null): readonly string[] | undefined =>
  json === null ? undefined : (JSON.parse(json) as string[]);

async function viewOf({ db, feed }: Store, row: Webhook): Promise<WebhookView> {
  const { indexes, ops: some, kinds: of } = row;
  return {
    id: row.id,
    url: row.url,
    ...(indexes === null ? {} : { indexes: filterOf(indexes)! }),
    ...(some === null ? {} : { ops: filterOf(some)! }),
    ...(of === null ? {} : { kinds: filterOf(of)! }),
    createdBy: row.created_by,
    createdAt: row.created_at,
    cursor: row.cursor,
    behind: Math.max(0, (await feed.head()) - row.cursor),
    attempts: row.attempts,
    ...(row.next_at === null ? {} : { nextAt: row.next_at }),
    ...(row.last_at === null ? {} : { lastAt: row.last_at }),
    ...(row.last_status === null ? {} : { lastStatus: row.last_status }),
    dead: await deadLetters(db, row.id),
  };
}

const fits = (json: string | null, value: string | undefined): boolean =>
  json === null || (value !== undefined && filterOf(json)?.includes(value) === true);

/** As far as can be told without looking at the packl. */
export const mayWant = ({ indexes, ops: some }: Webhook, { index, op }: Change): boolean =>
  fits(indexes, index) && fits(some, op);

/** @param kind of the packl that the change is about; undefined for none */
export const wants = (hook: Webhook, change: Change, kind: string | undefined): boolean =>
  mayWant(hook, change) && fits(hook.kinds, kind);
