/**
 * A view that is kept up to date, row by row: what {@link buildView} would build from the same rows and tags.
 *
 * Mutable on purpose: a project of a hundred thousand packls is not built again for each publish. Whoever hands
 * it on decides when it moves.
 */
import type { Row } from '../change.ts';
import type { IndexName } from '../names.ts';
import { compareVersions } from '../versions.ts';
import { searchOrder } from '../view.ts';
import type { IndexShape, TagRow, View } from '../view.ts';

export interface LiveView extends View {
  /**
   * Adds a row, or replaces the one of this index, name and version. Rows of indexes out of reach are passed over.
   * @returns whether all that happened is that a version came
   */
  put(row: Row): boolean;
  /** Takes back what was put, as if it had never been. */
  remove(row: Pick<Row, 'index' | 'name' | 'version'>): void;
  setTag(row: TagRow): void;
  clearTag(row: Omit<TagRow, 'version'>): void;
}

interface Entry {
  /** version → its rows, nearest first */
  readonly rows: Map<string, readonly Row[]>;
  /** the nearest ones, withdrawn ones left out, highest first; made when asked for */
  visible: Row[] | undefined;
  /** tag → who set it, nearest first */
  tags: Map<string, readonly TagRow[]> | undefined;
}

export function openLiveView(index: IndexName, indexes: readonly IndexShape[]): LiveView {
  const nearness = new Map(searchOrder(index, indexes).map((name, at) => [name, at]));
  const entries = new Map<string, Entry>();
  const entryOf = (name: string): Entry => {
    const known = entries.get(name);
    if (known !== undefined) return known;
    const entry: Entry = { rows: new Map(), visible: undefined, tags: undefined };
    entries.set(name, entry);
    return entry;
  };
  const nearestFirst = <One extends { readonly index: IndexName }>(all: readonly One[]) =>
    all.toSorted((one, other) => nearness.get(one.index)! - nearness.get(other.index)!);

  return {
    index,
    has: (name) => (entries.get(name)?.rows.size ?? 0) > 0,
    versions(name) {
      const entry = entries.get(name);
      return entry === undefined ? [] : (entry.visible ??= visibleOf(entry));
    },
    tag: (name, tag) => entries.get(name)?.tags?.get(tag)?.[0]?.version,
    *names() {
      for (const [name, { rows }] of entries) if (rows.size > 0) yield name;
    },
    put(row) {
      if (!nearness.has(row.index)) return false;
      const entry = entryOf(row.name);
      const others = entry.rows.get(row.version);
      if (others === undefined) {
        entry.rows.set(row.version, [row]);
        if (entry.visible !== undefined && row.withdrawn !== true) insert(entry.visible, row);
        return row.withdrawn !== true;
      }
      const kept = others.filter((one) => one.index !== row.index);
      entry.rows.set(row.version, kept.length === 0 ? [row] : nearestFirst([...kept, row]));
      entry.visible = undefined;
      return false;
    },
    remove({ index: from, name, version }) {
      const entry = entries.get(name);
      const kept = entry?.rows.get(version)?.filter((one) => one.index !== from);
      if (entry === undefined || kept === undefined) return;
      if (kept.length > 0) entry.rows.set(version, kept);
      else entry.rows.delete(version);
      entry.visible = undefined;
      if (entry.rows.size === 0 && (entry.tags?.size ?? 0) === 0) entries.delete(name);
    },
    setTag(row) {
      if (!nearness.has(row.index)) return;
      const tags = (entryOf(row.name).tags ??= new Map<string, readonly TagRow[]>());
      const kept = (tags.get(row.tag) ?? []).filter((one) => one.index !== row.index);
      tags.set(row.tag, nearestFirst([...kept, row]));
    },
    clearTag({ index: from, name, tag }) {
      const tags = entries.get(name)?.tags;
      const kept = (tags?.get(tag) ?? []).filter((one) => one.index !== from);
      if (kept.length === 0) tags?.delete(tag);
      else tags?.set(tag, kept);
    },
  };
}

function visibleOf({ rows }: Entry): Row[] {
  const visible: Row[] = [];
  for (const [nearest] of rows.values()) {
    if (nearest !== undefined && nearest.withdrawn !== true) visible.push(nearest);
  }
  return visible.length < 2 ? visible : visible.toSorted((a, b) => compareVersions(b.version, a.version));
}

/** @param visible highest first */
function insert(visible: Row[], row: Row): void {
  let [low, high] = [0, visible.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareVersions(visible[middle]!.version, row.version) > 0) low = middle + 1;
    else high = middle;
  }
  visible.splice(low, 0, row);
}
