/** What may change after publishing, and never the content: tags, deprecation, withdrawal, the indexes themselves. */
import { piplError, type ChangeOp, type IndexName } from '@pipl/packl';
import type { IndexView } from '@pipl/registry-client';
import { validRange } from 'semver';
import { appendChanges } from '../feed/feed.ts';
import { readRights } from '../people/groups.ts';
import { indexIn } from '../indexes/indexes.ts';
import { mayPublish, mustBePerson, type Principal } from '../people/principal.ts';
import { refusePrereleaseLatest } from '../indexes/publish-rules.ts';
import { readableLineage } from '../people/rights.ts';
import { nearestRows, readRows, type StoredRow } from '../reading/rows.ts';
import type { Store } from '../state/store.ts';
import type { Queries } from '../state/tables.ts';

export interface Subject {
  readonly index: IndexName;
  readonly name: string;
  readonly version: string;
}

interface Amendment {
  readonly subject: Subject;
  readonly principal: Principal;
  readonly what: string;
  /** Writes; returns what to put into the feed, undefined when nothing changed. */
  readonly write: (
    tx: Queries,
    row: StoredRow,
    order: readonly IndexView[],
  ) => Promise<{ op: ChangeOp; tag?: string; message?: string } | undefined>;
  /** whether the row may stand in a base */
  readonly inherited: boolean;
  /** whether the row may be withdrawn already */
  readonly again?: boolean;
}

const notThere = ({ index, name, version }: Subject) =>
  piplError('notFound', 'PIPL_NO_VERSION', {
    what: `There is no ${name}@${version} in ${index}.`,
    why: 'It was never published there, only in a base, or it was withdrawn.',
    hint: `\`pipl packl show ${name}\` lists the versions and where they are.`,
  });

/** Looks, writes and appends in one transaction. @throws PIPL_NO_VERSION and what the rights refuse */
async function amend(
  store: Store,
  { subject, principal, what, write, inherited, again = false }: Amendment,
): Promise<void> {
  const { index, name, version } = subject;
  const by = mustBePerson(principal, what);
  await store.db.transaction().execute(async (tx) => {
    const rights = await readRights(tx, store);
    mayPublish(principal, { index, names: [name], rights });
    const order = inherited ? readableLineage(rights, principal, index) : [indexIn(rights.indexes, index)];
    const [row] = nearestRows(order, await readRows(tx, { name, version }));
    if (row === undefined || (row.withdrawn === true && !again)) throw notThere(subject);
    const change = await write(tx, row, order);
    if (change === undefined) return;
    await appendChanges(tx, store.now().toISOString(), [{ ...change, index, name, version, by }]);
  });
  store.rang();
}

const versionKey = (tx: Queries, { index, name, version }: Subject) =>
  tx
    .updateTable('registry_versions')
    .where('index_name', '=', index)
    .where('name', '=', name)
    .where('version', '=', version);

/** @param message empty to take a deprecation back */
export const deprecate = (
  store: Store,
  subject: Subject,
  message: string,
  principal: Principal,
): Promise<void> =>
  amend(store, {
    subject,
    principal,
    what: 'deprecate a version',
    inherited: false,
    async write(tx, row) {
      const deprecated = message === '' ? undefined : message;
      if (row.deprecated === deprecated) return undefined;
      await versionKey(tx, subject)
        .set({ deprecated: deprecated ?? null })
        .execute();
      return { op: deprecated === undefined ? 'undeprecate' : 'deprecate' };
    },
  });

/**
 * Hides a version for ever; its name and number stay taken. Doing it again changes nothing.
 * @param message why, kept with the tombstone
 */
export const withdraw = (
  store: Store,
  subject: Subject,
  message: string | undefined,
  principal: Principal,
): Promise<void> =>
  amend(store, {
    subject,
    principal,
    what: 'withdraw a version',
    inherited: false,
    again: true,
    async write(tx, row) {
      if (row.withdrawn === true) return undefined;
      const reason = message === undefined ? {} : { deprecated: message };
      await versionKey(tx, subject)
        .set({ withdrawn: 1, ...reason })
        .execute();
      return { op: 'withdraw', ...(message === undefined ? {} : { message }) };
    },
  });

/** A tag may point to a version that the index inherits. @throws PIPL_TAG PIPL_TAG_LATEST */
export async function setTag(
  store: Store,
  subject: Subject,
  tag: string,
  principal: Principal,
): Promise<void> {
  if (!/^[A-Za-z][\w.-]{0,63}$/.test(tag) || validRange(tag) !== null) {
    throw piplError('invalid', 'PIPL_TAG', {
      what: `"${tag}" is not a tag.`,
      why: 'A tag starts with a letter and must not read like a version.',
      hint: 'For example beta.',
    });
  }
  await amend(store, {
    subject,
    principal,
    what: 'set a tag',
    inherited: true,
    async write(tx, _row, order) {
      const { index, name, version } = subject;
      if (tag === 'latest') {
        refusePrereleaseLatest(version, nearestRows(order, await readRows(tx, { name })));
      }
      await tx
        .insertInto('registry_tags')
        .values({ index_name: index, name, tag, version })
        .onConflict((conflict) => conflict.columns(['index_name', 'name', 'tag']).doUpdateSet({ version }))
        .execute();
      return { op: 'tag', tag };
    },
  });
}

/** Only tags of the index itself. @throws PIPL_NO_TAG */
export async function removeTag(
  store: Store,
  { index, name, tag }: { index: IndexName; name: string; tag: string },
  principal: Principal,
): Promise<void> {
  const by = mustBePerson(principal, 'remove a tag');
  await store.db.transaction().execute(async (tx) => {
    mayPublish(principal, { index, names: [name], rights: await readRights(tx, store) });
    const removed = await tx
      .deleteFrom('registry_tags')
      .where('index_name', '=', index)
      .where('name', '=', name)
      .where('tag', '=', tag)
      .returning('version')
      .executeTakeFirst();
    if (removed === undefined) {
      throw piplError('notFound', 'PIPL_NO_TAG', {
        what: `${name} has no tag ${tag} of its own in ${index}.`,
        why: 'Nobody set it there; `latest` is derived until somebody sets it.',
        hint: '`npm dist-tag ls` lists the tags.',
      });
    }
    const change = { op: 'untag', index, name, version: removed.version, tag, by } as const;
    await appendChanges(tx, store.now().toISOString(), [change]);
  });
  store.rang();
}
