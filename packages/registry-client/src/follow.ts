/** Follows the change feed: long polls, over restarts of the server, from where the reader stands. */
import { setTimeout as sleep } from 'node:timers/promises';
import { PiplError, type Change } from '@pipl/packl';
import type { RegistryClient } from './api.ts';

const waitSeconds = 25;
const longestPause = 2_000;

export async function* follow(
  client: Pick<RegistryClient, 'changes'>,
  { since, signal }: { since: number; signal?: AbortSignal },
): AsyncGenerator<Change> {
  const stopped = () => signal?.aborted === true;
  let seen = since;
  let pause = 50;
  while (!stopped()) {
    try {
      const ask = { since: seen, wait: waitSeconds, ...(signal === undefined ? {} : { signal }) };
      const { changes, through } = await client.changes(ask);
      pause = 50;
      for (const change of changes) {
        seen = change.seq;
        yield change;
      }
      // Past what the reader may not see. A server of an earlier release does not say.
      seen = Math.max(seen, through ?? seen);
    } catch (error) {
      if (stopped()) return;
      if (!(error instanceof PiplError) || !error.retryable) throw error;
      await sleep(pause);
      pause = Math.min(pause * 2, longestPause);
    }
  }
}
