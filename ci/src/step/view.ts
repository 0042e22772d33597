/**
 * What an index shows of a projection, and what its tasks resolve to there.
 *
 * Answers are remembered by the identity of what they were made from: a projection shares every name that a
 * write did not touch, so an answer holds as long as the names it consulted are the same objects. Remembering
 * changes no answer.
 */
import semver from 'semver';
import { pick, resolveTask, searchOrder, taskOf } from '@pipl/packl';
import type { IndexName, IndexShape, Resolution, Row, TagRow, View } from '@pipl/packl';
import type { Projection } from './projection.ts';

type Rows = ReadonlyMap<string, Row>;
type Tags = ReadonlyMap<string, TagRow>;
const noRows: Rows = new Map();
const noTags: Tags = new Map();

/** Index name → how near: 0 is the index itself. */
type Nearness = ReadonlyMap<IndexName, number>;

const nearnesses = new WeakMap<readonly IndexShape[], Map<IndexName, Nearness>>();
const sorted = new WeakMap<Rows, Map<Nearness, readonly Row[]>>();

export function nearnessOf({ indexes }: Projection, index: IndexName): Nearness {
  const known = nearnesses.get(indexes) ?? new Map<IndexName, Nearness>();
  nearnesses.set(indexes, known);
  const nearness = known.get(index) ?? new Map(searchOrder(index, indexes).map((name, at) => [name, at]));
  known.set(index, nearness);
  return nearness;
}

/** @param consulted hears of every name that is asked about */
export function viewOf(projection: Projection, index: IndexName, consulted?: (name: string) => void): View {
  const nearness = nearnessOf(projection, index);
  const rowsOf = (name: string): Rows => {
    consulted?.(name);
    return projection.rows.get(name) ?? noRows;
  };
  const has = (name: string): boolean =>
    rowsOf(name)
      .values()
      .some((row) => nearness.has(row.index));
  return {
    index,
    has,
    versions: (name) => versionsOf(rowsOf(name), nearness),
    tag(name, tag) {
      consulted?.(name);
      return nearestTag(projection.tags.get(name) ?? noTags, tag, nearness);
    },
    names: () => projection.rows.keys().filter(has),
  };
}

function versionsOf(rows: Rows, nearness: Nearness): readonly Row[] {
  const known = sorted.get(rows)?.get(nearness);
  if (known !== undefined) return known;
  const nearest = new Map<string, Row>();
  for (const row of rows.values()) {
    const at = nearness.get(row.index);
    const other = nearest.get(row.version);
    if (at !== undefined && (other === undefined || at < nearness.get(other.index)!))
      nearest.set(row.version, row);
  }
  const visible = [...nearest.values()].filter((row) => row.withdrawn !== true);
  visible.sort((a, b) => semver.rcompare(a.version, b.version));
  const byView = sorted.get(rows) ?? new Map<Nearness, readonly Row[]>();
  sorted.set(rows, byView.set(nearness, visible));
  return visible;
}

function nearestTag(tags: Tags, tag: string, nearness: Nearness): string | undefined {
  let found: TagRow | undefined;
  for (const row of tags.values()) {
    const at = nearness.get(row.index);
    if (row.tag !== tag || at === undefined) continue;
    if (found === undefined || at < nearness.get(found.index)!) found = row;
  }
  return found?.version;
}

/** An answer and what it was made from. */
interface Known<Value> {
  readonly nearness: Nearness;
  readonly from: readonly { readonly name: string; readonly rows: Rows; readonly tags: Tags }[];
  readonly value: Value;
}

const isStill = (projection: Projection, nearness: Nearness, known: Known<unknown>): boolean =>
  known.nearness === nearness &&
  known.from.every(
    ({ name, rows, tags }) =>
      (projection.rows.get(name) ?? noRows) === rows && (projection.tags.get(name) ?? noTags) === tags,
  );

function consult<Value>(projection: Projection, index: IndexName, ask: (view: View) => Value): Known<Value> {
  const names = new Set<string>();
  const value = ask(viewOf(projection, index, (name) => names.add(name)));
  const from = [...names].map((name) => ({
    name,
    rows: projection.rows.get(name) ?? noRows,
    tags: projection.tags.get(name) ?? noTags,
  }));
  return { nearness: nearnessOf(projection, index), from, value };
}

const resolutions = new WeakMap<Row, Map<IndexName, Known<Resolution>>>();

/** What the task's inputs are now. */
export function resolve(projection: Projection, index: IndexName, task: Row): Resolution {
  const byIndex = resolutions.get(task) ?? new Map<IndexName, Known<Resolution>>();
  resolutions.set(task, byIndex);
  const known = byIndex.get(index);
  if (known !== undefined && isStill(projection, nearnessOf(projection, index), known)) return known.value;
  const fresh = consult(projection, index, (view) => resolveTask(view, task));
  byIndex.set(index, fresh);
  return fresh.value;
}

const currents = new WeakMap<Rows, Map<Nearness, { readonly tags: Tags; readonly row: Row | undefined }>>();

/** The version that whoever asks for the name without a wish of their own gets now. */
export function current(projection: Projection, index: IndexName, name: string): Row | undefined {
  const rows = projection.rows.get(name);
  if (rows === undefined) return undefined;
  const nearness = nearnessOf(projection, index);
  const tags = projection.tags.get(name) ?? noTags;
  const byView = currents.get(rows) ?? new Map<Nearness, { tags: Tags; row: Row | undefined }>();
  currents.set(rows, byView);
  const known = byView.get(nearness);
  if (known !== undefined && known.tags === tags) return known.row;
  const row = pick(viewOf(projection, index), name, '*');
  byView.set(nearness, { tags, row });
  return row;
}

const taskLists = new WeakMap<
  Projection['rows'],
  Map<Nearness, { tags: Projection['tags']; tasks: readonly Row[] }>
>();

/** The current version of every task in the view, by name. */
export function tasksIn(projection: Projection, index: IndexName): readonly Row[] {
  const nearness = nearnessOf(projection, index);
  const byView =
    taskLists.get(projection.rows) ??
    new Map<Nearness, { tags: Projection['tags']; tasks: readonly Row[] }>();
  taskLists.set(projection.rows, byView);
  const known = byView.get(nearness);
  if (known !== undefined && known.tags === projection.tags) return known.tasks;
  const tasks: Row[] = [];
  for (const name of projection.rows.keys()) {
    const row = current(projection, index, name);
    if (row !== undefined && taskOf(row.manifest) !== undefined) tasks.push(row);
  }
  tasks.sort((a, b) => (a.name < b.name ? -1 : 1));
  byView.set(nearness, { tags: projection.tags, tasks });
  return tasks;
}
