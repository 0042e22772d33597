/**
 * An engine takes a ticket to a place where it can run. It submits, observes and cancels. It does not choose
 * tasks (`ci` does), run their actions or publish what they make (`runner` does both).
 *
 * Every engine promises, and `conformance.ts` checks, that
 *  1. submitting an attempt again starts nothing, however often, at once, later or after a restart;
 *  2. a final state never changes;
 *  3. cancelling a run that ended, or that nobody knows, does nothing;
 *  4. what was cancelled ends, grandchildren included, at the latest when its grace is over;
 *  5. a run whose machinery died ends as `lost` and leaves no process behind;
 *  6. a hint comes after a run started and after it ended; it may come twice, or late: `observe` is the truth;
 *  7. what is taken back never starts, submitted before or after, and ends as `taken-back`; of what somebody has begun
 *     with, taking it back changes nothing.
 */
import type { IndexName, ReusedPoints, RunState, Ticket } from '@pipl/packl';

/** How a runner reaches the registry. Travels beside the ticket, never in it. */
export interface Access {
  /** base URL */
  readonly registry: string;
  /** may publish the products of this attempt, and nothing else */
  readonly token: string;
}

/** How a run stands. Times are ISO 8601, UTC. */
export type Observation = RunState & {
  readonly startedAt?: string;
  readonly firstActionAt?: string;
  readonly endedAt?: string;
  /** percent, 0 to 100 */
  readonly progress?: number;
  readonly message?: string;
  /** points that came from earlier runs, by step */
  readonly reused?: readonly ReusedPoints[];
};

/** An end is waited for; that something began, or its actions, is only told. */
export type Hint = 'started' | 'first-action' | 'ended';

export interface Engine {
  readonly name: string;
  /** Resolves when the attempt outlives this process: from then on it starts, also after a crash. */
  submit(ticket: Ticket, access: Access): Promise<void>;
  observe(attempt: string): Promise<Observation>;
  /** Resolves when the wish is on its way; `observe` tells when the run ended. */
  cancel(attempt: string): Promise<void>;
  /** Ends the attempt unless somebody has begun with it, for good; `observe` tells which of the two it was. */
  takeBack?(attempt: string): Promise<void>;
  /** While it is held, what was submitted and has not started waits; what runs goes on. */
  hold?(held: boolean): Promise<void>;
  /** Called with an attempt that is worth a look, and what there is to see. */
  onHint?(listener: (attempt: string, what: Hint) => void): void;
  /** Runs go on; a later engine over the same place finds them again. */
  close(): Promise<void>;
}

/** Where a runner of this machine finds its surroundings. Folders are absolute. */
export interface RunnerConfig {
  /** base URL */
  readonly registry: string;
  /** file in which whichever server of the project took over last says where it listens */
  readonly serverNote?: string;
  /** root of the asset store */
  readonly assets: string;
  /** installed trees, by hash of the code lock */
  readonly trees: string;
  /** unpacked packls, by integrity */
  readonly cache: string;
  /** the Node that jobs find first on their PATH */
  readonly node: string;
  readonly pnpm: string;
  /** seconds for a run whose ticket does not say; absent: as long as it takes */
  readonly timeout?: number;
  /** sessions at once in one run; default: the cores of the machine */
  readonly concurrency?: number;
}

/** What every engine's tickets name; here so that drivers need one import. */
export type { IndexName, RunState, Ticket };
