/** The handlers' records in memory, and one decision while it is made. */
import type {
  Handling,
  HandlerEffect,
  HandlerMeta,
  HandlerRecords,
  HandlerState,
  HandlerTable,
  HandlerWrite,
  RecordOf,
} from './types.ts';
import { handlerTables } from './types.ts';

type Tables = { [Table in HandlerTable]: Map<string, unknown> };

/** @param records of every table; those of others are passed over */
export function loadHandlers(
  records: Iterable<{ readonly table: string; readonly key: string; readonly value: unknown }>,
): HandlerState {
  const tables = Object.fromEntries(handlerTables.map((table) => [table, new Map()])) as unknown as Tables;
  for (const { table, key, value } of records) {
    if ((handlerTables as readonly string[]).includes(table)) tables[table as HandlerTable].set(key, value);
  }
  // The kept JSON was a record of this table when it was written.
  return { records: tables as unknown as HandlerRecords };
}

/** The state after a decision; the one before stays as it is. */
export function applyHandlers({ records }: HandlerState, writes: readonly HandlerWrite[]): HandlerState {
  const copied: Partial<Tables> = {};
  for (const { table, key, value } of writes) {
    const map = (copied[table] ??= new Map<string, unknown>(records[table]));
    if (value === undefined) map.delete(key);
    else map.set(key, value);
  }
  return { records: { ...records, ...copied } as HandlerRecords };
}

export const handlerMeta = ({ records }: HandlerState): HandlerMeta =>
  records.handler_meta.get('handlers') ?? { cursor: 0, since: {} };

export const handlerCursor = (state: HandlerState): number => handlerMeta(state).cursor;

export interface Draft {
  readonly base: HandlerState;
  readonly at: string;
  readonly written: { [Table in HandlerTable]?: Map<string, HandlerWrite> };
  readonly effects: HandlerEffect[];
}

export const openDraft = (base: HandlerState, at: string): Draft => ({ base, at, written: {}, effects: [] });

export function read<Table extends HandlerTable>(
  { base, written }: Draft,
  table: Table,
  key: string,
): RecordOf[Table] | undefined {
  const mine = written[table]?.get(key);
  // The write under this key was made for this table.
  return mine === undefined ? base.records[table].get(key) : (mine.value as RecordOf[Table] | undefined);
}

export function write<Table extends HandlerTable>(
  { written }: Draft,
  table: Table,
  key: string,
  value: RecordOf[Table] | undefined,
): void {
  (written[table] ??= new Map()).set(key, { table, key, value } as HandlerWrite);
}

export const writesOf = ({ written }: Draft): HandlerWrite[] =>
  handlerTables.flatMap((table) => [...(written[table]?.values() ?? [])]);

/** Every handling as it will be, in the order in which they began; what is written meanwhile is seen. */
export function* handlingsOf({ base, written }: Draft): Generator<Handling, void> {
  const known = base.records.handlings;
  for (const [key, handling] of known) {
    const mine = written.handlings?.get(key);
    const now = mine === undefined ? handling : (mine.value as Handling | undefined);
    if (now !== undefined) yield now;
  }
  for (const { key, value } of written.handlings?.values() ?? []) {
    if (value !== undefined && !known.has(key)) yield value as Handling;
  }
}
