/**
 * A task as it stands by itself: its current version, what its inputs are now, and what its record says of them.
 * Whether it may run is asked in `flow.ts`.
 */
import type { IndexName, Resolution, Row } from '@pipl/packl';
import type { Draft } from './draft.ts';
import type { Lens } from './lens.ts';
import type { Place } from './place.ts';
import { taskKey, taskOfKey } from './types.ts';
import type { RunRecord, TaskRecord } from './types.ts';

export interface Look {
  readonly key: string;
  readonly index: IndexName;
  readonly name: string;
  readonly row: Row;
  /** of its run lock; undefined while an input is missing */
  readonly hash: string | undefined;
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

/** @returns undefined for what is no task, or no task any more */
export function lookAt(draft: Draft, key: string): Look | undefined {
  const known = draft.looks.get(key);
  if (known !== undefined) return known;
  const { index, name } = taskOfKey(key);
  const place = draft.lens.places.get(index);
  const row = place?.task(name);
  if (place === undefined || row === undefined) return undefined;
  const record = draft.records.tasks.get(key);
  const hash = hashOf(draft.lens, { key, place, row });
  const stands = standOf(draft, { place, row, hash, record });
  const look = { key, index, name, row, hash, stands };
  draft.looks.set(key, look);
  return look;
}

interface Asked {
  readonly key: string;
  readonly place: Place;
  readonly row: Row;
}

/** What a task's inputs are, as its record says unless that is in doubt. */
function hashOf(lens: Lens, asked: Asked): string | undefined {
  const record = lens.stale.has(asked.key) ? undefined : lens.records.tasks.get(asked.key);
  if (record !== undefined) return record.lock;
  const resolution = resolutionIn(lens, asked);
  return resolution.ok ? resolution.lock.hash : undefined;
}

function resolutionIn(lens: Lens, { key, place, row }: Asked): Resolution {
  const answers = lens.of(key);
  return (answers.resolution ??= place.resolve(row));
}

export const resolutionOf = ({ lens }: Draft, { key, index, row }: Look): Resolution =>
  resolutionIn(lens, { key, place: lens.places.get(index)!, row });

function standOf(
  draft: Draft,
  {
    place,
    row,
    hash,
    record,
  }: {
    readonly place: Place;
    readonly row: Row;
    readonly hash: string | undefined;
    readonly record: TaskRecord | undefined;
  },
): Stand {
  if (record?.attempt !== undefined) {
    const run = draft.records.runs.get(record.attempt)!;
    return { is: 'running', run, stale: run.lock.hash !== hash };
  }
  if (hash === undefined) return { is: 'open' };
  const from = inheritedFrom(draft.lens, { place, row, hash });
  if (from !== undefined) return { is: 'inherited', from };
  if (record === undefined) return { is: 'open' };
  if (record.success?.lock === hash && record.again !== hash) return { is: 'clean' };
  const attempt = record.failed[hash];
  if (attempt !== undefined) return { is: 'failed', attempt };
  const { tries } = record;
  if (tries?.lock === hash && tries.notBefore !== undefined && !isDue(tries.notBefore, draft.at))
    return { is: 'backing-off', until: tries.notBefore };
  return { is: 'open' };
}

export const isDue = (notBefore: string, at: string): boolean => Date.parse(notBefore) <= Date.parse(at);

/** The nearest base with a handler in which the same task has the same inputs: it runs there. */
function inheritedFrom(
  lens: Lens,
  { place, row, hash }: { readonly place: Place; readonly row: Row; readonly hash: string },
): IndexName | undefined {
  if (row.index === place.index) return undefined;
  for (const index of place.nearness.keys()) {
    const base = index === place.index ? undefined : lens.places.get(index);
    if (base === undefined || base.task(row.name) !== row) continue;
    if (hashOf(lens, { key: taskKey(index, row.name), place: base, row }) === hash) return index;
  }
  return undefined;
}
