/**
 * What one index shows: its packls, its tasks, who makes what, and what the tasks' inputs are.
 *
 * An index with a handler is kept up to date change by change (`place.ts`); of any other, and of a state that was cut
 * down for one asker, it is put together for one question.
 */
import { compareVersions, pick, resolveTask, searchOrder, taskOf } from '@pipl/packl';
import type { IndexName, IndexShape, Resolution, Row, View } from '@pipl/packl';
import type { Projection } from './projection.ts';
import type { State } from './types.ts';

export interface Shown {
  readonly index: IndexName;
  readonly view: View;
  /** The current version of a task; undefined for what is none. */
  task(name: string): Row | undefined;
  /** The current version of every task, by name. */
  tasks(): readonly Row[];
  /** The tasks that make a product: one, unless a withdrawal brought an older task back. */
  makers(product: string): readonly string[];
  /** What the inputs of a task are now. */
  resolve(task: Row): Resolution;
}

/** A state whose handled indexes are kept up to date says what they show. */
interface Kept {
  readonly places: ReadonlyMap<IndexName, Shown>;
}

/** The state must stay as it is while the answer is used. */
export function shownIn(state: State & { readonly lens?: Kept }, index: IndexName): Shown {
  return state.lens?.places.get(index) ?? lookOver(state.projection, index);
}

/** The version that whoever asks for the name without a wish of their own gets now. */
export const currentIn = ({ view }: Shown, name: string): Row | undefined =>
  view.has(name) ? pick(view, name, '*') : undefined;

/** Index name → how near: 0 is the index itself. */
export type Nearness = ReadonlyMap<IndexName, number>;

const nearnesses = new WeakMap<readonly IndexShape[], Map<IndexName, Nearness>>();

export function nearnessOf({ indexes }: Pick<Projection, 'indexes'>, index: IndexName): Nearness {
  const known = nearnesses.get(indexes) ?? new Map<IndexName, Nearness>();
  nearnesses.set(indexes, known);
  const nearness = known.get(index) ?? new Map(searchOrder(index, indexes).map((name, at) => [name, at]));
  known.set(index, nearness);
  return nearness;
}

export const isTask = (row: Row | undefined): row is Row =>
  row !== undefined && taskOf(row.manifest) !== undefined;

export const productsOf = ({ manifest }: Row): string[] => [
  ...new Set(Object.values(taskOf(manifest)?.products ?? {})),
];

export const byName = (one: Row, other: Row): number => (one.name < other.name ? -1 : 1);

/** Put together from all there is, for one question. */
export function lookOver(projection: Projection, index: IndexName): Shown {
  const view = viewOf(projection, index);
  let tasks: readonly Row[] | undefined;
  let makers: Map<string, string[]> | undefined;
  const current = (name: string) => (view.has(name) ? pick(view, name, '*') : undefined);
  const shown: Shown = {
    index,
    view,
    task(name) {
      const row = current(name);
      return isTask(row) ? row : undefined;
    },
    tasks: () => (tasks ??= [...view.names()].map(current).filter(isTask).toSorted(byName)),
    makers(product) {
      if (makers === undefined) {
        makers = new Map();
        for (const row of shown.tasks()) {
          for (const made of productsOf(row)) makers.set(made, [...(makers.get(made) ?? []), row.name]);
        }
      }
      return makers.get(product) ?? [];
    },
    resolve: (task) => resolveTask(view, task),
  };
  return shown;
}

/** Of this moment: what was asked once is remembered. */
function viewOf({ rows, tags, ...shapes }: Projection, index: IndexName): View {
  const nearness = nearnessOf(shapes, index);
  const sorted = new Map<string, readonly Row[]>();
  const has = (name: string): boolean =>
    rows
      .get(name)
      ?.values()
      .some((row) => nearness.has(row.index)) ?? false;
  return {
    index,
    has,
    versions(name) {
      const known = sorted.get(name) ?? visible(rows.get(name)?.values() ?? [], nearness);
      sorted.set(name, known);
      return known;
    },
    tag: (name, tag) =>
      nearest(
        (tags.get(name)?.values().toArray() ?? []).filter((row) => row.tag === tag),
        nearness,
      )?.version,
    names: () => rows.keys().filter(has),
  };
}

function visible(rows: Iterable<Row>, nearness: Nearness): readonly Row[] {
  const byVersion = Map.groupBy(rows, ({ version }) => version);
  return [...byVersion.values()]
    .flatMap((same) => nearest(same, nearness) ?? [])
    .filter((row) => row.withdrawn !== true)
    .toSorted((a, b) => compareVersions(b.version, a.version));
}

function nearest<One extends { readonly index: IndexName }>(
  all: readonly One[],
  nearness: Nearness,
): One | undefined {
  let found: One | undefined;
  for (const one of all) {
    const at = nearness.get(one.index);
    if (at !== undefined && (found === undefined || at < nearness.get(found.index)!)) found = one;
  }
  return found;
}
