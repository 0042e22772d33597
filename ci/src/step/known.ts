/**
 * Results that are known: a run of the same key has made what would be made, in whatever index, and whoever asks for
 * its products here gets that already.
 */
import type { Row } from '@pipl/packl';
import { read } from './draft.ts';
import type { Draft } from './draft.ts';
import { sameContent } from './same-content.ts';
import type { Runnable } from './start.ts';
import { currentIn, productsOf, shownIn } from './shown.ts';
import type { RunRecord } from './types.ts';
import { versionKey } from './types.ts';
import { projected } from './projection.ts';

/** Every attempt at a key, the oldest first. */
export function* runsOfKey(draft: Draft, runKey: string): Iterable<RunRecord> {
  for (let n = 1; ; n += 1) {
    const run = read(draft, 'runs', `${runKey}.${n}`);
    if (run === undefined) return;
    yield run;
  }
}

/** A run of the same key whose products are what downstream would pick now. */
export function knownResult(draft: Draft, look: Runnable): RunRecord | undefined {
  if (read(draft, 'tasks', look.key)?.again === look.lock.hash) return undefined;
  const products = productsOf(look.row);
  for (const run of runsOfKey(draft, look.runKey))
    if (products.every((name) => isInPlace(draft, look, { run, name }))) return run;
  return undefined;
}

function isInPlace(
  draft: Draft,
  { index }: Runnable,
  { run, name }: { readonly run: RunRecord; readonly name: string },
): boolean {
  const result = resultOf(run, name);
  const now = result === undefined ? undefined : currentIn(shownIn(draft, index), name);
  if (result === undefined || now === undefined) return false;
  const isHere = run.index === index || !draft.rules.knownByBytes;
  if (now.version === result.version && isHere) return true;
  const made = rowIn(draft, run.index, result);
  if (made === undefined || (result.integrity ?? made.integrity) !== made.integrity) return false;
  return made.integrity === now.integrity || sameContent(made, now);
}

interface Result {
  readonly name: string;
  readonly version: string;
  readonly integrity?: string;
}

/** What a run made of one product, or found made already. */
export const resultOf = ({ outcome }: RunRecord, name: string): Result | undefined =>
  outcome?.published.find((one) => one.name === name) ?? outcome?.unchanged.find((one) => one.name === name);

/** A version as one index shows it; of one that was withdrawn, what it was. */
const rowIn = (
  draft: Draft,
  index: RunRecord['index'],
  { name, version }: { readonly name: string; readonly version: string },
): Row | undefined =>
  projected(draft.projection, 'rows', versionKey(index, name, version)) ??
  draft.projection.rows
    .get(name)
    ?.values()
    .find((row) => row.version === version);
