/**
 * The reactor's state as one asker may see it: without the tasks, runs, waves and versions of indexes that they
 * may not read. For whoever may read all of them it is the state itself.
 */
import type { IndexName } from '@pipl/packl';
import type { State } from './step/index.ts';

export type MayRead = (index: IndexName) => boolean;

const filtered = <Value>(
  all: ReadonlyMap<string, Value>,
  keep: (value: Value) => boolean,
): ReadonlyMap<string, Value> => new Map([...all].filter(([, value]) => keep(value)));

/** What a wave did elsewhere is not told; one that began elsewhere is not there. */
export function visibleState(state: State, mayRead: MayRead): State {
  const { projection, records } = state;
  if (projection.indexes.every(({ name }) => mayRead(name))) return state;
  const mine = ({ index }: { readonly index: IndexName }) => mayRead(index);
  const runs = filtered(records.runs, mine);
  const waves = filtered(records.waves, ({ cause }) => cause.is !== 'change' || mayRead(cause.index));
  return {
    projection: { ...projection, indexes: projection.indexes.filter(({ name }) => mayRead(name)) },
    records: {
      ...records,
      runs,
      tasks: filtered(records.tasks, mine),
      waves,
    },
  };
}

/** With the versions too: only explanations look at them, and there are many. */
export function visibleVersions(state: State, mayRead: MayRead): State {
  const visible = visibleState(state, mayRead);
  if (visible === state) return state;
  const { projection } = visible;
  const rows = [...projection.rows].map(
    ([name, versions]) => [name, filtered(versions, ({ index }) => mayRead(index))] as const,
  );
  const kept = rows.filter(([, versions]) => versions.size > 0);
  return { ...visible, projection: { ...projection, rows: new Map(kept) } };
}
