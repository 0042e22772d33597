/**
 * The reactor's say in a release, inside the registry's transaction: are these the products of a run that is
 * still the current one, which of them are new, and does what people publish leave the graph sound?
 *
 * The reactor may be a few changes behind the registry. What it has not taken yet is read in the same
 * transaction and played to the pure step, so the answer is about the rows as they are.
 */
import type { IndexName, IndexShape } from '@pipl/packl';
import { unseenChanges, type ReleaseGuard } from '@pipl/registry';
import type { Kysely } from 'kysely';
import { cursorOf } from './reactor.ts';
import { notYet } from './routes.ts';
import { checkRelease, type State } from './step/index.ts';
import type { CiTables } from './tables.ts';

/** @param stateIn undefined until there is a state: releases are then refused, to be tried again */
export function releaseGuard(stateIn: (tx: Kysely<CiTables>) => Promise<State | undefined>): ReleaseGuard {
  return {
    async check(tx, { index, principal, rows, run }) {
      const state = (await stateIn(tx)) ?? notYet();
      const unseen = await unseenChanges(tx, cursorOf(state));
      const isShaped = unseen.some(({ change }) => change.op === 'index');
      const indexes = isShaped ? await indexesIn(tx) : undefined;
      return checkRelease(state, {
        index,
        principal,
        rows,
        ...(run === undefined ? {} : { run }),
        unseen: unseen.map(({ change, row }) => ({
          is: 'change',
          change,
          at: change.at,
          ...(row === undefined ? {} : { row }),
          ...(indexes === undefined || change.op !== 'index' ? {} : { indexes }),
        })),
      });
    },
  };
}

interface RegistryTables {
  registry_indexes: { name: IndexName; bases: string; mirror: string | null };
}

/** Asked of the transaction itself: the registry's own methods would wait for it to end. */
async function indexesIn(tx: Kysely<RegistryTables>): Promise<IndexShape[]> {
  const rows = await tx.selectFrom('registry_indexes').select(['name', 'bases', 'mirror']).execute();
  return rows.map(({ name, bases, mirror }) => ({
    name,
    bases: JSON.parse(bases) as IndexName[],
    ...(mirror === null ? {} : { mirror }),
  }));
}
