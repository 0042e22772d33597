/**
 * What the registry shows, in memory: rows, tags, indexes, and which indexes have a handler.
 *
 * A projection is never changed: each write gives another that shares what the write does not touch. It can
 * always be read again from the registry, so nothing of it is kept. The views over it are in `view.ts`.
 */
import type { Change, IndexName, IndexShape, Row, TagRow } from '@pipl/packl';
import { tagKey, versionKey } from './types.ts';
import type { ProjectionWrite } from './types.ts';

export interface Projection {
  /** packl name → its rows in every index, by {@link versionKey}, withdrawn ones too */
  readonly rows: ReadonlyMap<string, ReadonlyMap<string, Row>>;
  /** packl name → the tags that people set, by {@link tagKey} */
  readonly tags: ReadonlyMap<string, ReadonlyMap<string, TagRow>>;
  readonly indexes: readonly IndexShape[];
  /** indexes whose changes wake tasks */
  readonly handlers: readonly IndexName[];
}

export interface RegistryContents {
  readonly rows: Iterable<Row>;
  readonly tags: Iterable<TagRow>;
  readonly indexes: readonly IndexShape[];
  readonly handlers: readonly IndexName[];
  /** changes beyond the reactor's cursor: what they published is left out, what they withdrew is there */
  readonly unseen?: readonly Change[];
}

export function loadProjection(contents: RegistryContents): Projection {
  const { indexes, handlers, unseen = [] } = contents;
  const rows = new Map<string, Map<string, Row>>();
  const tags = new Map<string, Map<string, TagRow>>();
  for (const row of contents.rows) {
    const seen = asSeen(row, unseen);
    if (seen !== undefined) bucket(rows, row.name).set(versionKey(row.index, row.name, row.version), seen);
  }
  for (const tag of contents.tags) bucket(tags, tag.name).set(tagKey(tag.index, tag.name, tag.tag), tag);
  return { rows, tags, indexes, handlers };
}

/**
 * The row as it was before the unseen changes, as far as that can be told. Deprecations and tags stay as they
 * are now: their changes then bring nothing new.
 */
function asSeen(row: Row, unseen: readonly Change[]): Row | undefined {
  const mine = unseen.filter(
    ({ index, name, version }) => index === row.index && name === row.name && version === row.version,
  );
  if (mine.some(({ op }) => op === 'publish' || op === 'promote')) return undefined;
  if (!mine.some(({ op }) => op === 'withdraw')) return row;
  const { withdrawn: _, ...visible } = row;
  return visible;
}

function bucket<Value>(map: Map<string, Map<string, Value>>, name: string): Map<string, Value> {
  const known = map.get(name) ?? new Map<string, Value>();
  map.set(name, known);
  return known;
}

export function project(projection: Projection, write: ProjectionWrite): Projection {
  switch (write.table) {
    case 'rows':
      return { ...projection, rows: withEntry(projection.rows, write) };
    case 'tags':
      return { ...projection, tags: withEntry(projection.tags, write) };
    case 'indexes':
      return { ...projection, indexes: write.value };
  }
}

/** The second word of a key is the name: `index name@version`, `index name tag`. */
const nameOf = (table: 'rows' | 'tags', key: string): string => {
  const [, rest = '', ...more] = key.split(' ');
  return table === 'tags' || more.length > 0 ? rest : rest.slice(0, rest.indexOf('@', 1));
};

function withEntry<Value>(
  all: ReadonlyMap<string, ReadonlyMap<string, Value>>,
  write: { readonly table: 'rows' | 'tags'; readonly key: string; readonly value: Value | undefined },
): ReadonlyMap<string, ReadonlyMap<string, Value>> {
  const name = nameOf(write.table, write.key);
  const named = new Map(all.get(name));
  if (write.value === undefined) named.delete(write.key);
  else named.set(write.key, write.value);
  const changed = new Map(all);
  if (named.size === 0) changed.delete(name);
  else changed.set(name, named);
  return changed;
}

/** What a write would replace. */
export function projected(projection: Projection, table: 'rows', key: string): Row | undefined;
export function projected(projection: Projection, table: 'tags', key: string): TagRow | undefined;
export function projected(
  projection: Projection,
  table: 'rows' | 'tags',
  key: string,
): Row | TagRow | undefined {
  return projection[table].get(nameOf(table, key))?.get(key);
}
