/**
 * Puts a state together and takes it apart again: from kept records and a projection, by writes, to records.
 */
import { project } from './projection.ts';
import type { Projection } from './projection.ts';
import { isRecordWrite, recordTables } from './types.ts';
import type {
  HeldRecord,
  ProjectionWrite,
  Records,
  RecordTable,
  RecordWrite,
  State,
  StoredRecord,
  Write,
} from './types.ts';

type Tables = { [Table in RecordTable]: Map<string, unknown> };

const emptyTables = (): Tables =>
  Object.fromEntries(recordTables.map((table) => [table, new Map<string, unknown>()])) as unknown as Tables;

/**
 * @param records every record that was kept
 * @param projection what the registry shows at the cursor of these records; what a cut wave must not see yet is
 *   taken out again
 */
export function load(records: Iterable<StoredRecord>, projection: Projection): State {
  const tables = emptyTables();
  for (const { table, key, value } of records) {
    if ((recordTables as readonly string[]).includes(table)) tables[table as RecordTable].set(key, value);
  }
  // The kept JSON was a record of this table when it was written.
  const loaded = tables as unknown as Records;
  return {
    records: loaded,
    projection: [...loaded.held.values()].reduce((shown, held) => project(shown, beforeOf(held)), projection),
  };
}

/** Everything to keep; `load` of it gives back an equal state. */
export const dump = ({ records }: State): StoredRecord[] =>
  recordTables.flatMap((table) => [...records[table]].map(([key, value]) => ({ table, key, value })));

/** What the registry shows: the projection, and what is held back from the open wave. */
export const wholeProjection = ({ records, projection }: State): Projection =>
  [...records.held.values()].reduce((shown, held) => project(shown, afterOf(held)), projection);

// Written out by table: TypeScript does not follow the table through a shared expression.
export function beforeOf(held: HeldRecord): ProjectionWrite {
  if (held.table === 'rows') return { table: 'rows', key: held.key, value: held.before };
  if (held.table === 'tags') return { table: 'tags', key: held.key, value: held.before };
  return { table: 'indexes', key: held.key, value: held.before };
}

export function afterOf(held: HeldRecord): ProjectionWrite {
  if (held.table === 'rows') return { table: 'rows', key: held.key, value: held.after };
  if (held.table === 'tags') return { table: 'tags', key: held.key, value: held.after };
  return { table: 'indexes', key: held.key, value: held.after };
}

/** The state after a decision; the one before stays as it is. */
export function apply(state: State, writes: readonly Write[]): State {
  const copied: Partial<Tables> = {};
  let { projection } = state;
  for (const write of writes) {
    if (isRecordWrite(write)) applyRecord(state.records, copied, write);
    else projection = project(projection, write);
  }
  return { projection, records: { ...state.records, ...copied } as Records };
}

function applyRecord(records: Records, copied: Partial<Tables>, { table, key, value }: RecordWrite): void {
  const map = copied[table] ?? new Map<string, unknown>(records[table]);
  copied[table] = map;
  if (value === undefined) map.delete(key);
  else map.set(key, value);
}
