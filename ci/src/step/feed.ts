/**
 * Takes one change of the feed: what it does to the projection, and what the end of a run means.
 */
import type { Change, Row } from '@pipl/packl';
import { metaOf, openWaveOf, read, show, taskRecordOf, write } from './draft.ts';
import type { Draft } from './draft.ts';
import { projected } from './projection.ts';
import type { Projection } from './projection.ts';
import { endRun, succeed } from './end.ts';
import { isUnderWay } from './under-way.ts';
import type { Cause, Input, ProjectionWrite } from './types.ts';
import { heldKey, tagKey, versionKey } from './types.ts';
import { hold } from './waves.ts';

export type ChangeInput = Input & { readonly is: 'change' };

/** @returns was it new? */
export function takeChange(draft: Draft, input: ChangeInput): boolean {
  const { change } = input;
  const meta = metaOf(draft);
  if (change.seq <= meta.cursor && draft.rules.passOverSeen) return false;
  write(draft, 'meta', 'reactor', { ...meta, cursor: Math.max(change.seq, meta.cursor) });
  const cause = causeOf(change);
  draft.cause = cause;
  if (change.op === 'run') {
    takeResult(draft, change);
    return true;
  }
  const written = projectionWriteOf(draft.projection, input);
  if (written === undefined) return true;
  // What is taken away is taken away at once, from what a cut wave sees too.
  const isTaken = change.op === 'withdraw' && written.table === 'rows';
  const waits = mustWait(draft, change, written);
  if (!waits || (isTaken && projected(draft.projection, 'rows', written.key) !== undefined))
    show(draft, written);
  if (waits) hold(draft, written, cause);
  if (draft.rules.reserve) endOvertaken(draft, change);
  return true;
}

/**
 * Somebody published a version while the reactor reserved it: the run could never publish. It is stopped, and
 * the task starts again with another version.
 */
function endOvertaken(draft: Draft, { op, index, name, version, run: by }: Change): void {
  if (op !== 'publish' && op !== 'promote') return;
  const reserved = read(draft, 'reservations', versionKey(index, name, version));
  if (reserved === undefined || reserved.attempt === by) return;
  const run = read(draft, 'runs', reserved.attempt)!;
  if (!isUnderWay(run)) return;
  endRun(draft, run, { state: 'canceled', reason: `${name}@${version} was published before it` });
  draft.effects.push({ do: 'cancel', attempt: run.attempt });
}

/** A cut wave sees its own products, and what is taken away from it. */
function mustWait(draft: Draft, change: Change, { table, key }: ProjectionWrite): boolean {
  if (read(draft, 'held', heldKey(table, key)) !== undefined) return true;
  if (openWaveOf(draft)?.cut === undefined) return false;
  return change.op !== 'withdraw' && change.run === undefined;
}

/**
 * The registry let this release in, so it counts, even if the attempt was thought to be over by then: it was
 * not when it published. An attempt that was started in its place is ended.
 */
function takeResult(draft: Draft, change: Change): void {
  const { run: attempt, outcome = { published: [], unchanged: [] } } = change;
  const run = attempt === undefined ? undefined : read(draft, 'runs', attempt);
  if (run === undefined || run.outcome !== undefined) return;
  const { attempt: other } = taskRecordOf(draft, run.index, run.task);
  const instead = other === undefined || other === run.attempt ? undefined : read(draft, 'runs', other);
  if (instead?.lock.hash === run.lock.hash) {
    endRun(draft, instead, { state: 'canceled', reason: `${run.attempt} had already published` });
    draft.effects.push({ do: 'cancel', attempt: instead.attempt });
  }
  const { reason: _, ...rest } = run;
  endRun(draft, rest, { state: outcome.published.length > 0 ? 'succeeded' : 'unchanged', outcome });
  succeed(draft, run);
}

export const causeOf = ({
  seq,
  op,
  index,
  name,
  version,
  by,
  at,
}: Change): Cause & { readonly is: 'change' } => ({
  is: 'change',
  seq,
  op,
  index,
  name,
  version,
  by,
  at,
});

/** What a change does to the projection; undefined when it tells of something that is gone again. */
export function projectionWriteOf(
  projection: Projection,
  { change, row, indexes }: ChangeInput,
): ProjectionWrite | undefined {
  const { index, name, version, tag = 'latest' } = change;
  const key = versionKey(index, name, version);
  switch (change.op) {
    case 'publish':
    case 'overwrite':
    case 'promote':
      return row === undefined ? undefined : { table: 'rows', key, value: row };
    case 'withdraw':
    case 'deprecate':
    case 'undeprecate': {
      const known = row ?? projected(projection, 'rows', key);
      return known === undefined ? undefined : { table: 'rows', key, value: marked(known, change.op) };
    }
    case 'tag':
      return { table: 'tags', key: tagKey(index, name, tag), value: { index, name, tag, version } };
    case 'untag':
      return { table: 'tags', key: tagKey(index, name, tag), value: undefined };
    case 'index':
      return indexes === undefined ? undefined : { table: 'indexes', key: '', value: indexes };
    case 'run':
    case 'failed':
    case 'settled':
    case 'verdict':
      return undefined;
  }
}

function marked(row: Row, op: 'withdraw' | 'deprecate' | 'undeprecate'): Row {
  if (op === 'withdraw') return row.withdrawn ? row : { ...row, withdrawn: true };
  if (op === 'deprecate') return row.deprecated === undefined ? { ...row, deprecated: 'deprecated' } : row;
  const { deprecated: _, ...rest } = row;
  return rest;
}
