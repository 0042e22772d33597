/**
 * Who reacts: one server process at a time.
 *
 * ```
 *  waiting ─ lock ─▶ starting ─▶ reacting ─ database away, lock lost, replaced, disk full ─▶ waiting
 * ```
 * Whoever cannot write what it decides forgets it, and begins anew with what is written. A full disk ends a turn and
 * no server: reads go on, and when there is room again so do reactions.
 * With SQLite there is only one process and it reacts from its start to its end. On PostgreSQL the others wait
 * for the lock, which the kernel and PostgreSQL end with the process that has it, and answer from what the
 * database says.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { PiplError } from '@pipl/packl';
import { backendOf, isAway, isDiskFull } from '@pipl/registry';
import type { Kysely } from 'kysely';
import type { HandlersAtWork } from './handlers/shell.ts';
import type { Reactor } from './reactor.ts';
import type { State } from './step/index.ts';
import type { CiTables } from './tables.ts';

export interface Turn {
  readonly reactor: Reactor;
  readonly handlers: HandlersAtWork;
  /** of its ledger: newer in the database means that somebody else took over */
  readonly epoch: number;
}

export interface TurnParts {
  // eslint-disable-next-line typescript/no-explicit-any -- the project's database, with everybody's tables
  readonly db: Kysely<any>;
  /** Takes over and begins to react. @param onEnd hears of a failure that ends this turn */
  readonly begin: (onEnd: (error: unknown) => void) => Promise<Turn>;
  /** The state that the database shows, for a process that does not react. */
  readonly look: () => Promise<State>;
  readonly onFatal: (error: unknown) => void;
}

export interface Turns {
  /** undefined while another process reacts, or this one is starting to */
  readonly now: Turn | undefined;
  /** Of whoever reacts, as of the transaction `tx`; undefined: nobody has begun yet. */
  stateIn(tx: Kysely<CiTables>): Promise<State | undefined>;
  /** Resolves when this process reacts, or knows that another one does. */
  readonly settled: Promise<void>;
  close(): Promise<void>;
}

const secondsBetween = 0.25;
/** Room comes when a person makes it. */
const secondsFull = 2;
/** Milliseconds after which it is another process that reacts. */
const taken = 500;

const isPassing = (error: unknown): boolean =>
  isDiskFull(error) ||
  isAway(error) ||
  (error instanceof PiplError && error.code === 'PIPL_REACTOR_REPLACED');

export function takeTurns({ db, begin, look, onFatal }: TurnParts): Turns {
  const backend = backendOf(db);
  const closing = new AbortController();
  const begun = Promise.withResolvers<void>();
  let now: Turn | undefined;
  let hasBegun = false;
  let seen: { epoch: number; steps: number; state: State } | undefined;

  const hold = () =>
    backend.is === 'postgres'
      ? backend.hold('reacting', closing.signal)
      : { lost: new Promise<void>(() => undefined), release: () => Promise.resolve() };

  const react = async (): Promise<void> => {
    const lock = await hold();
    const ended = Promise.withResolvers<void>();
    closing.signal.addEventListener('abort', () => ended.resolve());
    try {
      now = await begin((error) => (isPassing(error) ? ended.resolve() : onFatal(error)));
      hasBegun = true;
      // What they promote the guard must let in, and it asks who reacts now.
      void now.handlers.start();
      begun.resolve();
      if (!closing.signal.aborted) await Promise.race([ended.promise, lock.lost]);
    } finally {
      const over = now;
      now = undefined;
      try {
        await over?.handlers.close();
        await over?.reactor.close();
      } finally {
        await lock.release();
      }
    }
  };

  const turn = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      await react().catch(async (error: unknown) => {
        if (closing.signal.aborted) return;
        // A server that cannot even start says so, to who starts it.
        if (!isPassing(error) || (isDiskFull(error) && !hasBegun)) throw error;
        await pause((isDiskFull(error) ? secondsFull : secondsBetween) * 1000);
      });
    }
  };
  const running = turn().catch((error: unknown) => {
    begun.reject(error);
    onFatal(error);
  });
  const another = new Promise<void>((resolve) => {
    if (backend.is === 'postgres') setTimeout(resolve, taken).unref();
  });

  return {
    get now() {
      return now;
    },
    settled: Promise.race([begun.promise, another]),
    async stateIn(tx) {
      if (backend.is === 'sqlite') return now?.reactor.state;
      const mark = await tx.selectFrom('ci_reactor').select(['epoch', 'steps']).executeTakeFirstOrThrow();
      if (now?.epoch === mark.epoch) return now.reactor.state;
      if (seen?.epoch !== mark.epoch || seen.steps !== mark.steps) seen = { ...mark, state: await look() };
      return seen.state;
    },
    async close() {
      closing.abort(new Error('The server closes.'));
      await running;
    },
  };
}
