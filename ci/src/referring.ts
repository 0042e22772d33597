/**
 * Has the registry show what a run of the same key made elsewhere, for an attempt that need not run. Success is told
 * in the feed, as of every run; when it is refused the attempt is lost, and the task runs. Asked for twice it
 * happens once.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { PiplError, type Ticket } from '@pipl/packl';
import type { Registry } from '@pipl/registry';
import type { Input } from './step/index.ts';

export interface Referring {
  readonly registry: Pick<Registry, 'refer'>;
  readonly signal: AbortSignal;
  readonly put: (input: Input) => Promise<void>;
  readonly onFatal: (error: unknown) => void;
}

/** Milliseconds between two looks whether the server that is starting has begun to react. */
const untilBegun = 50;

export async function referTo(
  { registry, signal, put, onFatal }: Referring,
  { attempt, index, task, reference }: Ticket,
): Promise<void> {
  if (reference === undefined) return;
  while (!signal.aborted) {
    try {
      return await registry.refer({ attempt, index, task, reference });
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof PiplError)) return onFatal(error);
      if (error.code !== 'PIPL_SERVER_STARTING') {
        const end = { is: 'lost', reason: error.message } as const;
        return put({ is: 'run-ended', attempt, end, at: new Date().toISOString() });
      }
      await pause(untilBegun, undefined, { signal }).catch(() => undefined);
    }
  }
}
