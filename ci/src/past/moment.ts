/**
 * What the registry showed at a moment: its rows, tags and marks, played from the feed up to there.
 *
 * A stable version never changes, so its row of today is its row of then. Of a volatile one that was overwritten
 * since, the integrity is that of then and the manifest is today's. What is gone altogether (an index was removed,
 * a volatile version fell out of its retention) is not there. Indexes and their bases are those of today.
 */
import { piplError, type Change, type IndexName, type Row, type TagRow } from '@pipl/packl';
import type { Registry } from '@pipl/registry';
import { loadProjection, type Projection } from '../step/index.ts';

export interface Moment {
  /** the last change that counts */
  readonly seq: number;
  /** when that was, ISO 8601; empty before the first change */
  readonly at: string;
  readonly projection: Projection;
}

const page = 1000;

/**
 * @param asked the number of a change, or a time that `Date` understands
 * @throws PIPL_AT
 */
export async function momentAt(
  { registry, handlers }: { readonly registry: Registry; readonly handlers: readonly IndexName[] },
  asked: string,
): Promise<Moment> {
  const until = meaningOf(asked);
  const head = await registry.feed.head();
  if (until.seq !== undefined && until.seq > head) {
    throw badAt(asked, `The last change was ${head}.`);
  }
  const changes: Change[] = [];
  for (let since = 0; ;) {
    const { changes: more } = await registry.feed.read(since, page);
    const wanted = more.filter((change) =>
      until.seq === undefined ? Date.parse(change.at) <= until.time : change.seq <= until.seq,
    );
    changes.push(...wanted);
    if (wanted.length < more.length || more.length === 0) break;
    since = more.at(-1)!.seq;
  }
  const [rows, indexes] = [await registry.rows(), await registry.indexes()];
  const shown = playedRows(changes, rows);
  const projection = loadProjection({ rows: shown.rows, tags: shown.tags, indexes, handlers });
  const last = changes.at(-1);
  return { seq: last?.seq ?? 0, at: last?.at ?? '', projection };
}

const keyOf = ({ index, name, version }: Pick<Row, 'index' | 'name' | 'version'>): string =>
  `${index} ${name}@${version}`;

/** Pure. @param today every row there is now */
export function playedRows(
  changes: readonly Change[],
  today: readonly Row[],
): { readonly rows: readonly Row[]; readonly tags: readonly TagRow[] } {
  const known = new Map(today.map((row) => [keyOf(row), row]));
  const rows = new Map<string, Row>();
  const tags = new Map<string, TagRow>();
  for (const change of changes) {
    const { op, index, name, version, tag = 'latest', integrity } = change;
    const key = keyOf(change);
    const row = rows.get(key);
    if (op === 'publish' || op === 'overwrite' || op === 'promote') {
      const { withdrawn: _w, deprecated: _d, ...plain } = known.get(key) ?? {};
      if ('name' in plain) rows.set(key, { ...plain, integrity: integrity ?? plain.integrity });
    } else if (op === 'withdraw' && row !== undefined) rows.set(key, { ...row, withdrawn: true });
    else if (op === 'deprecate' && row !== undefined) {
      rows.set(key, { ...row, deprecated: change.message ?? 'deprecated' });
    } else if (op === 'undeprecate' && row !== undefined) {
      const { deprecated: _, ...rest } = row;
      rows.set(key, rest);
    } else if (op === 'tag') tags.set(`${index} ${name} ${tag}`, { index, name, tag, version });
    else if (op === 'untag') tags.delete(`${index} ${name} ${tag}`);
  }
  return { rows: [...rows.values()], tags: [...tags.values()] };
}

function meaningOf(asked: string): { seq: number } | { seq: undefined; time: number } {
  if (/^\d{1,15}$/.test(asked)) return { seq: Number(asked) };
  const time = Date.parse(asked);
  if (Number.isNaN(time)) throw badAt(asked, 'It is neither the number of a change nor a time.');
  return { seq: undefined, time };
}

const badAt = (asked: string, why: string) =>
  piplError('usage', 'PIPL_AT', {
    what: `"${asked}" is no moment of this project.`,
    why,
    hint: 'For example 421, 2026-11-23 or 2026-11-23T10:41Z.',
  });
