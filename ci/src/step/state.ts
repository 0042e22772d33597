/**
 * Puts a state together and takes it apart again; and changes a live one in place, so that it can be taken back.
 *
 * A live state carries a lens: what follows from it, kept true write by write. Only this file and the draft of a
 * decision write to it.
 */
import { Lens } from './lens.ts';
import { project } from './projection.ts';
import type { Projection } from './projection.ts';
import { recordTables } from './types.ts';
import type { HeldRecord, ProjectionWrite, Records, RecordWrite, State, StoredRecord } from './types.ts';

/** A state that decisions are made in. It moves with each; whoever keeps it sees the newest. */
export interface Live extends State {
  readonly lens: Lens;
}

/**
 * @param records every record that was kept
 * @param projection what the registry shows at the cursor of these records; what a cut wave must not see yet is
 *   taken out again, in place
 */
export function load(records: Iterable<StoredRecord>, projection: Projection): Live {
  const tables = Object.fromEntries(recordTables.map((table) => [table, new Map<string, unknown>()]));
  for (const { table, key, value } of records) tables[table]?.set(key, value);
  // The kept JSON was a record of this table when it was written.
  const loaded = tables as unknown as Records;
  for (const held of loaded.held.values()) project(projection, beforeOf(held));
  return { records: loaded, projection, lens: new Lens(loaded, projection) };
}

/** Everything to keep; `load` of it gives back an equal state. */
export const dump = ({ records }: State): StoredRecord[] =>
  recordTables.flatMap((table) => [...records[table]].map(([key, value]) => ({ table, key, value })));

const isLive = (state: State): state is Live => 'lens' in state;

/** A live state: itself, or one of the same content, for a state that was cut down for one asker. */
export const liveOf = (state: State): Live => (isLive(state) ? state : copyOf(state));

function copyOf({ records, projection }: State): Live {
  const copied = <Value>(all: ReadonlyMap<string, ReadonlyMap<string, Value>>) =>
    new Map([...all].map(([name, named]) => [name, new Map(named)]));
  const tables = Object.fromEntries(
    recordTables.map((table) => [table, new Map<string, unknown>(records[table])]),
  ) as unknown as Records;
  const shown = { ...projection, rows: copied(projection.rows), tags: copied(projection.tags) };
  return { records: tables, projection: shown, lens: new Lens(tables, shown) };
}

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

/** What was changed in a live state, and how to take it back. */
export class Journal {
  private readonly lens: Lens;
  private readonly isLater: boolean;
  private readonly backs: (ProjectionWrite | RecordWrite)[] = [];
  /** what was looked at again, and is to be looked at once more when it is taken back */
  private readonly looked: string[] = [];
  private readonly suspects: string[] = [];

  /** @param isLater what is shown of rows and tags waits for `catchUp` of the lens */
  constructor({ lens }: Live, isLater = false) {
    this.lens = lens;
    this.isLater = isLater;
  }

  show(write: ProjectionWrite): void {
    const { lens } = this;
    const back = this.isLater && write.table !== 'indexes' ? lens.showLater(write) : lens.show(write);
    this.backs.push(back);
    lens.suspect(write);
  }

  /** @returns the attempts that may read something that is gone, in their order, which are then cleared of it */
  takeSuspects(): readonly string[] {
    const taken = [...this.lens.suspects].toSorted();
    this.suspects.push(...taken);
    this.lens.suspects.clear();
    return taken;
  }

  /** @returns the write that takes it back */
  put(write: RecordWrite): RecordWrite {
    const back = this.lens.put(write);
    this.backs.push(back);
    return back;
  }

  look(key: string): void {
    this.looked.push(key);
  }

  takeBack(): void {
    const { lens, looked, suspects } = this;
    lens.takeBack(this.backs.toReversed());
    for (const key of looked) lens.doubtTask(key);
    for (const key of lens.forgetBelow(looked)) lens.dirty.add(key);
    for (const attempt of suspects) if (lens.tallies.underWay.has(attempt)) lens.suspects.add(attempt);
    for (const list of [this.backs, looked, suspects]) list.length = 0;
  }

  /** What takes all of these back, the newest first. @param journals as they were made */
  static *backsOf(journals: readonly Journal[]): Iterable<ProjectionWrite | RecordWrite> {
    for (const { backs } of journals.toReversed())
      for (let at = backs.length - 1; at >= 0; at -= 1) yield backs[at]!;
  }
}
