/** Follows one wave of a project from its cause to its end, and tells each step of each run on the way. */
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type RegistryClient, type RunView } from '@pipl/registry-client';
import { PiplError, piplError } from '@pipl/packl';

export interface FollowOptions {
  readonly url: string;
  /** the change whose wave it is */
  readonly change: number;
  readonly onRuns?: (runs: readonly RunView[]) => void;
  /** milliseconds */
  readonly patience?: number;
}

const ended = (run: RunView): boolean => run.endedAt !== undefined;

/** @returns the wave's runs in the order they started, once the reactor has settled past the change */
export async function followWave({
  url,
  change,
  onRuns,
  patience = 300_000,
}: FollowOptions): Promise<RunView[]> {
  const client = connect({ url });
  const until = Date.now() + patience;
  while (Date.now() < until) {
    const seen = await look(client, change);
    if (seen === undefined) continue;
    const { waves, settledThrough, runs } = seen;
    onRuns?.(runs);
    const quiet = settledThrough >= change && waves.every(({ state }) => state === 'closed');
    if (quiet && runs.every(ended))
      return runs.toSorted((a, b) => (a.startedAt ?? '').localeCompare(b.startedAt ?? ''));
    await sleep(100);
  }
  throw piplError('timeout', 'PIPL_WAVE_SLOW', {
    what: `The wave of change ${change} did not end in ${patience / 1000} s.`,
    why: 'Runs are still going, or the reactor stopped.',
    hint: '`pipl runs` shows which; `pipl logs ATTEMPT` what they say.',
  });
}

/** undefined while the server is away: it may have been killed on purpose. */
async function look(client: RegistryClient, change: number) {
  try {
    const { waves, settledThrough } = await client.waves({ change });
    return { waves, settledThrough, runs: await client.runs({ change, limit: 10_000 }) };
  } catch (error) {
    if (!(error instanceof PiplError) || !error.retryable) throw error;
    await sleep(100);
    return undefined;
  }
}
