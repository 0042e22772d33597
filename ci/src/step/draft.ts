/**
 * One decision while it is being made: it is made in place, and what was written on the way is remembered, to be
 * kept or to be taken back.
 */
import type { IndexName } from '@pipl/packl';
import type { Look } from './look.ts';
import type { Rules } from './rules.ts';
import { Journal } from './state.ts';
import type { Live } from './state.ts';
import type {
  Cause,
  Effect,
  MetaRecord,
  ProjectionWrite,
  RecordOf,
  RecordTable,
  RecordWrite,
  TaskRecord,
  WaveRecord,
  Write,
} from './types.ts';
import { recordTables, taskKey } from './types.ts';

export interface Draft extends Live {
  readonly rules: Rules;
  /** when the input happened */
  readonly at: string;
  /** what the input was, where it can set off a wave */
  cause: Cause;
  readonly journal: Journal;
  /** by table, the keys that were written, with what was there before */
  readonly written: { [Table in RecordTable]?: Map<string, unknown> } | undefined;
  readonly projected: ProjectionWrite[];
  readonly effects: Effect[];
  /** tasks whose inputs this decision found changed, by the change that did it */
  readonly woke: Map<number, Set<string>>;
  /** tasks as they stand at this moment */
  readonly looks: Map<string, Look | undefined>;
}

export interface DraftOptions {
  readonly at: string;
  readonly rules: Rules;
  /** nobody keeps what it writes */
  readonly isTrial?: boolean;
  /** what it shows is told to nobody yet */
  readonly isLater?: boolean;
}

export const openDraft = (
  live: Live,
  { at, rules, isTrial = false, isLater = false }: DraftOptions,
): Draft => ({
  ...live,
  rules,
  at,
  cause: { is: 'started', at },
  journal: new Journal(live, isLater),
  written: isTrial ? undefined : {},
  projected: [],
  effects: [],
  woke: new Map(),
  looks: new Map(),
});

export function writesOf({ projected, written, records }: Draft): Write[] {
  const writes: Write[] = [...projected];
  for (const table of recordTables) {
    for (const [key, before] of written?.[table] ?? [])
      // The values under this key are records of this table.
      writes.push({ table, key, value: records[table].get(key), before } as RecordWrite);
  }
  return writes;
}

export const read = <Table extends RecordTable>(
  { records }: Draft,
  table: Table,
  key: string,
): RecordOf[Table] | undefined => records[table].get(key);

export function write<Table extends RecordTable>(
  draft: Draft,
  table: Table,
  key: string,
  value: RecordOf[Table] | undefined,
): void {
  const { value: before } = draft.journal.put({ table, key, value } as RecordWrite);
  if (draft.written !== undefined) {
    const written = (draft.written[table] ??= new Map<string, unknown>());
    if (!written.has(key)) written.set(key, before);
  }
  if (table === 'tasks') draft.looks.delete(key);
}

export function show(draft: Draft, change: ProjectionWrite): void {
  draft.journal.show(change);
  draft.projected.push(change);
  draft.looks.clear();
}

export const metaOf = (draft: Draft): MetaRecord => read(draft, 'meta', 'reactor') ?? { cursor: 0, waves: 0 };

export const openWaveOf = (draft: Draft): WaveRecord | undefined => {
  const { wave } = metaOf(draft);
  return wave === undefined ? undefined : read(draft, 'waves', wave);
};

export const taskRecordOf = (draft: Draft, index: IndexName, name: string): TaskRecord =>
  recordOf(draft, { key: taskKey(index, name), index, name });

/** Of a task that was looked at: its key is there already. */
export const recordOf = (
  draft: Draft,
  { key, index, name }: Pick<Look, 'key' | 'index' | 'name'>,
): TaskRecord => read(draft, 'tasks', key) ?? { index, name, status: { is: 'clean' }, failed: {}, woken: [] };

export function changeTask(draft: Draft, look: Look, change: Partial<TaskRecord>): void {
  write(draft, 'tasks', look.key, { ...recordOf(draft, look), ...change });
}
