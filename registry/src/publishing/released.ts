/** What a run has released already: the answer to a request that is asked again. */
import { piplError, type IndexName } from '@pipl/packl';
import type { ReleaseResult } from '@pipl/registry-client';
import type { Candidate } from './candidate.ts';
import { changeOf } from '../feed/feed.ts';
import { readRows } from '../reading/rows.ts';
import type { Queries } from '../state/tables.ts';

interface Again {
  readonly index: IndexName;
  readonly run: string | undefined;
  readonly candidates: readonly Candidate[];
}

/**
 * @returns undefined when this is the run's first release
 * @throws PIPL_RUN_RELEASED when it released something else before
 */
export async function previousRelease(
  tx: Queries,
  { index, run, candidates }: Again,
): Promise<ReleaseResult | undefined> {
  if (run === undefined) return undefined;
  const line = await tx
    .selectFrom('registry_changes')
    .selectAll()
    .where('run', '=', run)
    .where('op', '=', 'run')
    .executeTakeFirst();
  if (line === undefined) return undefined;
  const { seq, outcome = { published: [], unchanged: [] } } = changeOf(line);
  const rows = await readRows(tx, { indexes: [index], run });
  const same = candidates.every(
    ({ manifest: { name, version }, integrity }) =>
      rows.some((row) => row.name === name && row.version === version && row.integrity === integrity) ||
      outcome.unchanged.some((one) => one.name === name),
  );
  if (same && candidates.length === outcome.published.length + outcome.unchanged.length) {
    const published = rows.map((row) => ({
      name: row.name,
      version: row.version,
      integrity: row.integrity,
      seq: row.seq,
    }));
    return { published, unchanged: outcome.unchanged, seq };
  }
  throw piplError('conflict', 'PIPL_RUN_RELEASED', {
    what: `Run ${run} has released other products before.`,
    why: 'An attempt releases once, everything together.',
    hint: 'Start another attempt of the task.',
  });
}
