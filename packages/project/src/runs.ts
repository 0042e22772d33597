/** What the project's server does with publishes: runs, their logs, waves, and why. Reads; follows by polling. */
import { setTimeout as pause } from 'node:timers/promises';
import { PiplError, piplError } from '@pipl/packl';
import type { RegistryClient, RunView, Waves, Why, WhyAsk } from '@pipl/registry-client';

export interface RunsAsked {
  readonly change?: number;
  readonly wave?: number;
  readonly task?: string;
  readonly state?: RunView['state'];
  readonly limit?: number;
}

export const listRuns = (client: RegistryClient, asked: RunsAsked = {}): Promise<readonly RunView[]> =>
  client.runs(asked);

export interface FollowRuns extends RunsAsked {
  readonly signal?: AbortSignal;
  /** milliseconds between two looks */
  readonly every?: number;
  /** ends once nothing waits or runs any more, and this change is settled */
  readonly untilSettled?: number;
}

/** The runs each time one of them changed. Goes on over a restart of the server until `signal` aborts. */
export async function* followRuns(
  client: RegistryClient,
  { signal, every = 150, untilSettled, ...asked }: FollowRuns = {},
): AsyncGenerator<readonly RunView[]> {
  const stopped = () => signal?.aborted === true;
  let before = '';
  while (!stopped()) {
    const seen = await look(client, asked, untilSettled);
    if (seen !== undefined) {
      const now = JSON.stringify(seen.runs);
      if (now !== before) yield seen.runs;
      before = now;
      if (seen.settled) return;
    }
    await pause(every, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  }
}

/** Settled is asked before the runs, so that the last yield has their final states. */
async function look(client: RegistryClient, asked: RunsAsked, until: number | undefined) {
  try {
    const settled = until !== undefined && (await client.waves({ limit: 1 })).settledThrough >= until;
    return { settled, runs: await client.runs(asked) };
  } catch (error) {
    if (error instanceof PiplError && error.retryable) return undefined;
    throw error;
  }
}

/**
 * The attempt that a person means: its name or a start of it, or the last run of a task.
 * @throws PIPL_NO_RUN (exit 3)
 */
export async function findRun(client: RegistryClient, subject: string): Promise<RunView> {
  const ofTask = await client.runs({ task: subject, limit: 1 });
  if (ofTask[0] !== undefined) return ofTask[0];
  const runs = await client.runs({ limit: 500 });
  const found =
    runs.find(({ attempt }) => attempt === subject) ??
    runs.find(({ attempt }) => attempt.startsWith(subject));
  if (found !== undefined) return found;
  throw piplError('notFound', 'PIPL_NO_RUN', {
    what: `There is no run ${subject}.`,
    why: 'Neither an attempt nor a task with a run has that name.',
    hint: 'pipl runs lists them; pipl why TASK says why a task did not run.',
  });
}

/** @returns NDJSON text as far as it goes now */
export async function readLog(client: RegistryClient, attempt: string): Promise<string> {
  const parts: string[] = [];
  for (let from = 0; ;) {
    const { text, next } = await client.runLog(attempt, { from });
    parts.push(text);
    if (next === from || text === '') return parts.join('');
    from = next;
  }
}

/** The log in pieces as it grows, until the run has ended or `signal` aborts. */
export async function* followLog(
  client: RegistryClient,
  { attempt, signal }: { attempt: string; signal?: AbortSignal },
): AsyncGenerator<string> {
  const stopped = () => signal?.aborted === true;
  let from = 0;
  while (!stopped()) {
    const { text, next, ended } = await client.runLog(attempt, {
      from,
      wait: 20,
      ...(signal === undefined ? {} : { signal }),
    });
    if (text !== '') yield text;
    if (ended && next === from) return;
    from = next;
  }
}

export const listWaves = (
  client: RegistryClient,
  asked: { change?: number; limit?: number } = {},
): Promise<Waves> => client.waves(asked);

/** Why a task ran or did not, why a run was made: lines for people, and the same as data. */
export const why = (client: RegistryClient, asked: WhyAsk): Promise<Why> => client.why(asked);
