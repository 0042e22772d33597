/**
 * Why a run did not succeed, as the one thing every part of the runner throws.
 *
 * `failed` is the task's own fault and is not tried again by itself; `lost` is the machinery's; `canceled` is a
 * wish. What is thrown otherwise is a bug of the runner, and the run is lost with it.
 */
import { PiplError, piplError } from '@pipl/packl';
import type { FailedAt } from '@pipl/registry-client';
import type { FinalState } from './run-folder.ts';

export class RunEnded extends Error {
  readonly state: Exclude<FinalState, 'succeeded'>;
  readonly error: PiplError | undefined;
  /** the action whose failure it is */
  readonly at: FailedAt | undefined;

  constructor(state: Exclude<FinalState, 'succeeded'>, error?: PiplError, at?: FailedAt) {
    super(error?.message ?? state);
    this.at = at;
    this.name = 'RunEnded';
    this.state = state;
    this.error = error;
  }
}

export const canceled = (): RunEnded => new RunEnded('canceled');

export const timedOut = (seconds: number): RunEnded =>
  new RunEnded(
    'failed',
    piplError('timeout', 'PIPL_RUN_TIMEOUT', {
      what: `The run took longer than its ${seconds} s.`,
      why: 'The timeout is for the whole run: inputs, actions, products.',
      hint: 'Set policy.timeout in the pipl field of the task, or find out what it waits for in the log.',
    }),
  );

/** A token that is no longer taken means that the run was given up or came too late: not the task's fault. */
const isOfMachinery = ({ retryable, kind }: PiplError): boolean =>
  retryable || kind === 'auth' || kind === 'denied';

/** What anything that was thrown means for the run. */
export function endingOf(thrown: unknown): RunEnded {
  if (thrown instanceof RunEnded) return thrown;
  if (thrown instanceof PiplError) return new RunEnded(isOfMachinery(thrown) ? 'lost' : 'failed', thrown);
  const message = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  return new RunEnded(
    'lost',
    piplError('unreachable', 'PIPL_RUNNER_BUG', {
      what: `The runner broke: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
      why: message,
      hint: 'This is a mistake in pipl, or the machine is out of something (disk, memory).',
      cause: thrown,
    }),
  );
}

/** One line for people: what happened and why. */
export const reasonOf = ({ state, error }: RunEnded): string | undefined => {
  if (error === undefined) return state === 'canceled' ? undefined : state;
  return error.why === undefined || error.code === 'PIPL_RUNNER_BUG'
    ? error.message
    : `${error.message} ${error.why}`;
};
