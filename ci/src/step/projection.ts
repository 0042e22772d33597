/**
 * What the registry shows, in memory: rows, tags, indexes, and which indexes have a handler.
 *
 * It can always be read again from the registry, so nothing of it is kept. It is changed in place, by
 * {@link project} alone: whoever wants to see what was before a write puts back what it answers. What an index shows
 * of it is in `shown.ts`.
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
  /** beyond which the storm breaker pauses */
  readonly limits: Limits;
  /** what was read shows changes of these names that the reactor has not taken yet; `everything`: of the indexes */
  readonly early: ReadonlySet<string> | 'everything';
}

/** More than a production does by itself: beyond, somebody has to look. */
export interface Limits {
  /** of one task */
  readonly startsInAnHour: number;
  readonly runsInAWave: number;
}

export const defaultLimits: Limits = { startsInAnHour: 1_000, runsInAWave: 50_000 };

export interface RegistryContents {
  readonly rows: Iterable<Row>;
  readonly tags: Iterable<TagRow>;
  readonly indexes: readonly IndexShape[];
  readonly handlers: readonly IndexName[];
  readonly limits?: Limits;
  /** changes beyond the reactor's cursor: what they published is left out, what they withdrew is there */
  readonly unseen?: readonly Change[];
}

export function loadProjection(contents: RegistryContents): Projection {
  const { indexes, handlers, limits = defaultLimits, unseen = [] } = contents;
  const rows = new Map<string, Map<string, Row>>();
  const tags = new Map<string, Map<string, TagRow>>();
  for (const row of contents.rows) {
    const seen = asSeen(row, unseen);
    if (seen !== undefined) bucket(rows, row.name).set(versionKey(row.index, row.name, row.version), seen);
  }
  for (const tag of contents.tags) bucket(tags, tag.name).set(tagKey(tag.index, tag.name, tag.tag), tag);
  const early = unseen.some(({ op }) => op === 'index')
    ? ('everything' as const)
    : new Set(unseen.map(({ name }) => name));
  return { rows, tags, indexes, handlers, limits, early };
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

/** Changes the projection in place. @returns the write that takes it back */
export function project(projection: Projection, write: ProjectionWrite): ProjectionWrite {
  switch (write.table) {
    case 'rows':
      return { table: 'rows', key: write.key, value: putEntry(projection.rows, write) };
    case 'tags':
      return { table: 'tags', key: write.key, value: putEntry(projection.tags, write) };
    case 'indexes': {
      const before = projection.indexes;
      (projection as { indexes: readonly IndexShape[] }).indexes = write.value;
      return { table: 'indexes', key: write.key, value: before };
    }
  }
}

/** The second word of a key is the name: `index name@version`, `index name tag`. */
export function nameOf(table: 'rows' | 'tags', key: string): string {
  const from = key.indexOf(' ') + 1;
  return table === 'tags'
    ? key.slice(from, key.indexOf(' ', from))
    : key.slice(from, key.indexOf('@', from + 1));
}

function putEntry<Value>(
  all: ReadonlyMap<string, ReadonlyMap<string, Value>>,
  {
    table,
    key,
    value,
  }: { readonly table: 'rows' | 'tags'; readonly key: string; readonly value?: Value | undefined },
): Value | undefined {
  // The one place that writes what everybody else reads.
  const names = all as Map<string, Map<string, Value>>;
  const name = nameOf(table, key);
  const named = names.get(name);
  const before = named?.get(key);
  if (value === undefined) {
    named?.delete(key);
    if (named?.size === 0) names.delete(name);
  } else if (named === undefined) names.set(name, new Map([[key, value]]));
  else named.set(key, value);
  return before;
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
