/**
 * Each task of each handled index as it stands by itself: its current version, what its inputs resolve to now,
 * and what its record says of them. Whether it may run is asked in `flow.ts`.
 */
import type { IndexName, Resolution, Row, RunLock } from '@pipl/packl';
import { taskRecordOf, read } from './draft.ts';
import type { Draft } from './draft.ts';
import { taskKey } from './types.ts';
import type { RunRecord, TaskRecord } from './types.ts';
import { current, nearnessOf, resolve, tasksIn } from './view.ts';

export interface Look {
  readonly key: string;
  readonly index: IndexName;
  readonly name: string;
  readonly row: Row;
  readonly resolution: Resolution;
  /** undefined while an input is missing */
  readonly lock: RunLock | undefined;
  readonly record: TaskRecord;
  readonly stands: Stand;
}

export type Stand =
  | { readonly is: 'running'; readonly run: RunRecord; readonly stale: boolean }
  | { readonly is: 'clean' }
  | { readonly is: 'inherited'; readonly from: IndexName }
  | { readonly is: 'failed'; readonly attempt: string }
  | { readonly is: 'backing-off'; readonly until: string }
  /** has no result for its inputs, or not all of its inputs */
  | { readonly is: 'open' };

export type Looks = ReadonlyMap<string, Look>;

export function lookAll(draft: Draft): Map<string, Look> {
  const looks = new Map<string, Look>();
  for (const index of draft.projection.handlers) {
    for (const row of tasksIn(draft.projection, index)) {
      const look = lookAt(draft, index, row);
      looks.set(look.key, look);
    }
  }
  return looks;
}

export function lookAt(draft: Draft, index: IndexName, row: Row): Look {
  const { name } = row;
  const resolution = resolve(draft.projection, index, row);
  const lock = resolution.ok ? resolution.lock : undefined;
  const record = taskRecordOf(draft, index, name);
  const seen = { key: taskKey(index, name), index, name, row, resolution, lock, record };
  return { ...seen, stands: standOf(draft, seen) };
}

function standOf(draft: Draft, { index, row, lock, record }: Omit<Look, 'stands'>): Stand {
  if (record.attempt !== undefined) {
    const run = read(draft, 'runs', record.attempt)!;
    return { is: 'running', run, stale: run.lock.hash !== lock?.hash };
  }
  if (lock === undefined) return { is: 'open' };
  const from = inheritedFrom(draft, { index, row, hash: lock.hash });
  if (from !== undefined) return { is: 'inherited', from };
  if (record.success?.lock === lock.hash && record.again !== lock.hash) return { is: 'clean' };
  const attempt = record.failed[lock.hash];
  if (attempt !== undefined) return { is: 'failed', attempt };
  const { tries } = record;
  if (
    tries?.lock === lock.hash &&
    tries.notBefore !== undefined &&
    Date.parse(tries.notBefore) > Date.parse(draft.at)
  )
    return { is: 'backing-off', until: tries.notBefore };
  return { is: 'open' };
}

/** The nearest base with a handler in which the same task has the same inputs: it runs there. */
function inheritedFrom(
  { projection }: Draft,
  { index, row, hash }: { readonly index: IndexName; readonly row: Row; readonly hash: string },
): IndexName | undefined {
  if (row.index === index) return undefined;
  const bases = [...nearnessOf(projection, index).keys()].slice(1);
  return bases.find((base) => {
    if (!projection.handlers.includes(base)) return false;
    const there = current(projection, base, row.name);
    if (there !== row) return false;
    const resolution = resolve(projection, base, row);
    return resolution.ok && resolution.lock.hash === hash;
  });
}
