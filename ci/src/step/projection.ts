/**
 * What the registry shows, in memory: rows, tags, indexes, and which indexes have a handler.
 *
 * A projection is never changed: each write gives another that shares what the write does not touch. It can
 * always be read again from the registry, so nothing of it is kept.
 */
import type { Change, IndexName, IndexShape, Row, TagRow } from '@pipl/packl';

export interface Projection {
  /** packl name → its rows in every index, by `index version`, withdrawn ones too */
  readonly rows: ReadonlyMap<string, ReadonlyMap<string, Row>>;
  /** packl name → the tags that people set, by `index tag` */
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
  /** changes behind the feed's cursor, which the reactor will hear of: their publishes are left out */
  readonly unseen?: readonly Change[];
}
