/**
 * What is counted of the records, so that nobody has to look through them: kept true by telling of every write.
 * Rebuilt from the records alone; nothing of it is kept.
 */
import type { IndexName } from '@pipl/packl';
import { isUnderWay } from './under-way.ts';
import type { Records, RecordWrite, ReservationRecord, RunRecord, TaskRecord, TaskStatus } from './types.ts';

export class Tallies {
  /** tasks of handled indexes that a wave has yet to bring to rest */
  readonly busy = new Set<string>();
  /** task → until when */
  readonly backingOff = new Map<string, string>();
  /** attempts that have not ended */
  readonly underWay = new Set<string>();
  /** wave → its runs, in the order they were started */
  readonly runsOf = new Map<string, string[]>();
  /** product → the keys of its reserved versions */
  readonly reserved = new Map<string, Set<string>>();
  private readonly handlers: ReadonlySet<IndexName>;

  constructor({ tasks, runs, reservations }: Records, handlers: readonly IndexName[]) {
    this.handlers = new Set(handlers);
    for (const [key, task] of tasks) this.noteTask(key, task);
    for (const [key, run] of runs) this.noteRun(key, undefined, run);
    for (const [key, { name }] of reservations) add(this.reserved, name, key);
  }

  /** @param back what it was before */
  note(write: RecordWrite, back: RecordWrite): void {
    const { key } = write;
    if (write.table === 'tasks') this.noteTask(key, write.value);
    else if (write.table === 'runs') this.noteRun(key, back.value as RunRecord | undefined, write.value);
    else if (write.table === 'reservations') {
      const before = back.value as ReservationRecord | undefined;
      if (before !== undefined) remove(this.reserved, before.name, key);
      if (write.value !== undefined) add(this.reserved, write.value.name, key);
    }
  }

  private noteTask(key: string, after: TaskRecord | undefined): void {
    const status: TaskStatus | undefined =
      after !== undefined && this.handlers.has(after.index) ? after.status : undefined;
    const is = status?.is;
    if (is === 'running' || is === 'waiting' || is === 'backing-off') this.busy.add(key);
    else this.busy.delete(key);
    if (status?.is === 'backing-off') this.backingOff.set(key, status.until);
    else if (this.backingOff.size > 0) this.backingOff.delete(key);
  }

  private noteRun(attempt: string, before: RunRecord | undefined, after: RunRecord | undefined): void {
    if (after !== undefined && isUnderWay(after)) this.underWay.add(attempt);
    else this.underWay.delete(attempt);
    if (before === undefined && after !== undefined) {
      const runs = this.runsOf.get(after.wave);
      if (runs === undefined) this.runsOf.set(after.wave, [attempt]);
      else runs.push(attempt);
    } else if (before !== undefined && after === undefined) {
      const runs = this.runsOf.get(before.wave)!;
      runs.splice(runs.lastIndexOf(attempt), 1);
      if (runs.length === 0) this.runsOf.delete(before.wave);
    }
  }
}

function add(map: Map<string, Set<string>>, key: string, value: string): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, new Set([value]));
  else known.add(value);
}

function remove(map: Map<string, Set<string>>, key: string, value: string): void {
  const known = map.get(key);
  known?.delete(value);
  if (known?.size === 0) map.delete(key);
}
