/**
 * Products by reference: what a run of the same key made in another index is shown here as it is, without a run.
 *
 * The key says that the work is the same: task, inputs and parameters, all by content, and no index. So a stage
 * renders once, and when what it read is promoted, its products follow. It must be the very bytes that the run
 * published, and they must become what whoever asks for the product here gets; anything else is run.
 */
import { compareVersions } from '@pipl/packl';
import type { MadeElsewhere, Pin } from '@pipl/packl';
import { read } from './draft.ts';
import type { Draft } from './draft.ts';
import { runsOfKey } from './known.ts';
import type { Runnable } from './start.ts';
import { currentIn, productsOf, shownIn } from './shown.ts';
import type { RunRecord } from './types.ts';
import { heldKey, versionKey } from './types.ts';
import { projected } from './projection.ts';

/** The run whose products can be shown here, if there is one. */
export function madeElsewhere(draft: Draft, look: Runnable): MadeElsewhere | undefined {
  if (read(draft, 'tasks', look.key)?.again === look.lock.hash || !draft.rules.refer) return undefined;
  const runs = [...runsOfKey(draft, look.runKey)];
  // What did not work is not tried again: the task runs.
  if (draft.rules.referOnce && runs.some((run) => run.index === look.index && run.reference !== undefined))
    return undefined;
  for (const run of runs) {
    if (run.index === look.index) continue;
    const products = productsOf(look.row).map((name) => fitting(draft, look, { run, name }));
    if (products.every((one) => one !== undefined))
      return { index: run.index, attempt: run.reference?.attempt ?? run.attempt, products };
  }
  return undefined;
}

function fitting(
  draft: Draft,
  { index }: Runnable,
  { run, name }: { readonly run: RunRecord; readonly name: string },
): Pin | undefined {
  const made = run.outcome?.published.find((one) => one.name === name);
  if (made?.integrity === undefined) return undefined;
  const { version, integrity } = made;
  const there = projected(draft.projection, 'rows', versionKey(run.index, name, version));
  const isWhole =
    there?.integrity === integrity && there.withdrawn !== true && there.deprecated === undefined;
  if (!isWhole && draft.rules.referWhole) return undefined;
  return isFree(draft, index, { name, version }) ? { name, version, integrity } : undefined;
}

/** Was the version never used in this index, and would it be the one that is picked? */
function isFree(
  draft: Draft,
  index: Runnable['index'],
  { name, version }: { readonly name: string; readonly version: string },
): boolean {
  const key = versionKey(index, name, version);
  const isTaken =
    projected(draft.projection, 'rows', key) !== undefined ||
    read(draft, 'held', heldKey('rows', key)) !== undefined ||
    read(draft, 'reservations', key) !== undefined;
  if (isTaken) return false;
  const now = draft.rules.referNewest ? currentIn(shownIn(draft, index), name) : undefined;
  return now === undefined || compareVersions(version, now.version) > 0;
}
