/**
 * One decision while it is being made: the state as it will be, and what was written on the way.
 */
import type { IndexName } from '@pipl/packl';
import { project, type Projection } from './projection.ts';
import type { Rules } from './rules.ts';
import type {
  Cause,
  Effect,
  MetaRecord,
  ProjectionWrite,
  RecordOf,
  RecordTable,
  RecordWrite,
  State,
  TaskRecord,
  WaveRecord,
  Write,
} from './types.ts';
import { recordTables, taskKey } from './types.ts';

export interface Draft {
  readonly base: State;
  readonly rules: Rules;
  /** when the input happened */
  readonly at: string;
  /** what the input was, where it can set off a wave */
  cause: Cause;
  projection: Projection;
  /** the last write of each record, by table */
  readonly written: { [Table in RecordTable]?: Map<string, RecordWrite> };
  readonly projected: ProjectionWrite[];
  readonly effects: Effect[];
  /** tasks whose inputs this decision found changed, by the change that did it */
  readonly woke: Map<number, Set<string>>;
}

export const openDraft = (base: State, at: string, rules: Rules): Draft => ({
  base,
  rules,
  at,
  cause: { is: 'started', at },
  projection: base.projection,
  written: {},
  projected: [],
  effects: [],
  woke: new Map(),
});

export const writesOf = ({ projected, written }: Draft): Write[] => [
  ...projected,
  ...recordTables.flatMap((table) => [...(written[table]?.values() ?? [])]),
];

export function read<Table extends RecordTable>(
  draft: Draft,
  table: Table,
  key: string,
): RecordOf[Table] | undefined {
  const written = draft.written[table]?.get(key);
  // The write under this key was made for this table.
  if (written !== undefined) return written.value as RecordOf[Table] | undefined;
  return draft.base.records[table].get(key);
}

export function write<Table extends RecordTable>(
  draft: Draft,
  table: Table,
  key: string,
  value: RecordOf[Table] | undefined,
): void {
  (draft.written[table] ??= new Map()).set(key, { table, key, value } as RecordWrite);
}

/** Every record of a table as it will be. */
export function all<Table extends RecordTable>(draft: Draft, table: Table): RecordOf[Table][] {
  const merged = new Map<string, RecordOf[Table]>(draft.base.records[table]);
  for (const { key, value } of draft.written[table]?.values() ?? []) {
    if (value === undefined) merged.delete(key);
    else merged.set(key, value as RecordOf[Table]);
  }
  return [...merged.values()];
}

export function show(draft: Draft, change: ProjectionWrite): void {
  draft.projection = project(draft.projection, change);
  draft.projected.push(change);
}

export const metaOf = (draft: Draft): MetaRecord => read(draft, 'meta', 'reactor') ?? { cursor: 0, waves: 0 };

export const openWaveOf = (draft: Draft): WaveRecord | undefined => {
  const { wave } = metaOf(draft);
  return wave === undefined ? undefined : read(draft, 'waves', wave);
};

export const taskRecordOf = (draft: Draft, index: IndexName, name: string): TaskRecord =>
  read(draft, 'tasks', taskKey(index, name)) ?? {
    index,
    name,
    status: { is: 'clean' },
    failed: {},
    woken: [],
  };

export function changeTask(draft: Draft, index: IndexName, name: string, change: Partial<TaskRecord>): void {
  write(draft, 'tasks', taskKey(index, name), { ...taskRecordOf(draft, index, name), ...change });
}
