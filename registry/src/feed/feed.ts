/**
 * The change feed: appended inside the transaction that makes a change true, read by anybody after it.
 *
 * A reader that has seen `n` has seen every change up to `n`: seqs come from one counter row, so they have no
 * gaps and no change appears behind one that was read.
 */
import type { Change, IndexName } from '@pipl/packl';
import { backendOf } from '../state/database.ts';
import { statement } from '../state/statement.ts';
import type { Database, Queries, Tables } from '../state/tables.ts';

export interface Feed {
  /** After `since`, oldest first, at most `limit` (1000 when not given). */
  read(since: number, limit?: number): Promise<{ changes: Change[]; head: number }>;
  /** Resolves when there is something after `since`. @throws what `signal` was aborted with */
  wait(since: number, signal?: AbortSignal): Promise<void>;
  head(): Promise<number>;
}

export type NewChange = Omit<Change, 'seq' | 'at'>;

const countOn = statement([], (tx) =>
  tx
    .updateTable('registry_head')
    .set((expression) => ({ seq: expression('seq', '+', 1) }))
    .returning('seq'),
);

const appendLine = statement(
  [
    'seq',
    'index_name',
    'op',
    'name',
    'version',
    'integrity',
    'tag',
    'by_whom',
    'at',
    'run',
    'outcome',
    'detail',
  ],
  (tx, line) => tx.insertInto('registry_changes').values(line),
);

/** @param at ISO 8601, one for all changes of a transaction */
export async function appendChanges(
  tx: Queries,
  at: string,
  changes: readonly NewChange[],
): Promise<number[]> {
  const seqs: number[] = [];
  for (const { index, op, name, version, integrity, tag, by, run, outcome, ...detail } of changes) {
    const [head] = await countOn(tx, {});
    if (head === undefined) throw new Error('registry_head has lost its row');
    const { seq } = head;
    const line: Tables['registry_changes'] = {
      seq,
      index_name: index,
      op,
      name,
      version,
      integrity: integrity ?? null,
      tag: tag ?? null,
      by_whom: by,
      at,
      run: run ?? null,
      outcome: outcome === undefined ? null : JSON.stringify(outcome),
      detail: Object.keys(detail).length === 0 ? null : JSON.stringify(detail),
    };
    await appendLine(tx, line);
    seqs.push(seq);
  }
  return seqs;
}

export const changeOf = (line: Tables['registry_changes']): Change => ({
  seq: line.seq,
  index: line.index_name as IndexName,
  op: line.op,
  name: line.name,
  version: line.version,
  ...(line.integrity === null ? {} : { integrity: line.integrity }),
  ...(line.tag === null ? {} : { tag: line.tag }),
  by: line.by_whom,
  at: line.at,
  ...(line.run === null ? {} : { run: line.run }),
  ...(line.outcome === null ? {} : { outcome: JSON.parse(line.outcome) as NonNullable<Change['outcome']> }),
  ...(line.detail === null
    ? {}
    : (JSON.parse(line.detail) as Pick<Change, 'origin' | 'verdict' | 'wave' | 'message'>)),
});

/**
 * @returns the feed; `rang`: to be called after each commit that appended; `close`: nobody is told of other
 *   processes' commits any longer
 */
export function openFeed(db: Database): { feed: Feed; rang: () => void; close: () => Promise<void> } {
  const backend = backendOf(db);
  let bell = Promise.withResolvers<void>();
  const wake = () => {
    const old = bell;
    bell = Promise.withResolvers();
    old.resolve();
  };
  let others: { close(): Promise<void> } | undefined;
  const head = async () => (await db.selectFrom('registry_head').select('seq').executeTakeFirstOrThrow()).seq;

  const feed: Feed = {
    head,
    async read(since, limit = 1000) {
      const now = await head();
      const lines = await db
        .selectFrom('registry_changes')
        .selectAll()
        .where('seq', '>', since)
        .where('seq', '<=', now)
        .orderBy('seq')
        .limit(limit)
        .execute();
      return { changes: lines.map(changeOf), head: now };
    },
    async wait(since, signal) {
      if (backend.is === 'postgres') others ??= backend.listen(wake);
      for (;;) {
        // Taken before the question, so that a commit in between is heard.
        const next = bell.promise;
        if ((await head()) > since) return;
        await until(next, signal);
      }
    },
  };
  const rang = () => {
    wake();
    if (backend.is === 'postgres') backend.notify();
  };
  const close = async () => others?.close();
  return { feed, rang, close };
}

async function until(event: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return event;
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', onAbort);
  try {
    await Promise.race([event, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
