/**
 * What a volatile index keeps. Versions beyond that are withdrawn, each with its line in the feed; their content
 * goes with the next collection. A version that somebody tagged stays.
 */
import type { IndexName } from '@pipl/packl';
import type { IndexView } from '@pipl/registry-client';
import { appendChanges } from '../feed/feed.ts';
import { readIndexes } from '../indexes/indexes.ts';
import { beyond, inWords } from './retention-policy.ts';
import { readTags } from '../reading/rows.ts';
import type { Store } from '../state/store.ts';
import type { Queries } from '../state/tables.ts';

export interface Retained {
  readonly index: IndexName;
  readonly name: string;
  readonly version: string;
}

/** Versions in one transaction: others wait for it. */
const together = 200;

/** @returns what was let go */
export async function retain(store: Store): Promise<Retained[]> {
  const gone: Retained[] = [];
  for (const index of (await readIndexes(store.db)).values()) {
    if (index.retention === undefined || !index.volatile) continue;
    for (;;) {
      const some = await store.db.transaction().execute((tx) => letGo(tx, index, store.now()));
      if (some.length === 0) break;
      store.rang();
      gone.push(...some);
    }
  }
  return gone;
}

async function letGo(tx: Queries, { name: index, retention }: IndexView, now: Date): Promise<Retained[]> {
  const tagged = new Set(
    (await readTags(tx, { indexes: [index] })).map(({ name, version }) => `${name}@${version}`),
  );
  const versions = await tx
    .selectFrom('registry_versions')
    .select(['name', 'version', 'seq', 'published_at as at'])
    .where('index_name', '=', index)
    .where('withdrawn', '=', 0)
    .execute();
  const gone = beyond(versions, retention ?? {}, now)
    .filter(({ name, version }) => !tagged.has(`${name}@${version}`))
    .slice(0, together);
  for (const { name, version } of gone) {
    await tx
      .updateTable('registry_versions')
      .set({ withdrawn: 1 })
      .where('index_name', '=', index)
      .where('name', '=', name)
      .where('version', '=', version)
      .execute();
  }
  const message = `Not kept any longer: ${inWords(retention ?? {})}.`;
  const changes = gone.map(
    ({ name, version }) => ({ index, op: 'withdraw', name, version, by: 'root', message }) as const,
  );
  await appendChanges(tx, now.toISOString(), changes);
  return gone.map(({ name, version }) => ({ index, name, version }));
}
