/**
 * Transactions that share a commit: what waits while one is written goes into the next, all of it at once, so
 * that eight publishers wait for one write to disk instead of eight.
 *
 * Each keeps its own all or nothing: a savepoint stands around it, and what it refuses takes nothing of the
 * others along. Nobody is answered before the commit that holds their work has returned. Later ones see the rows
 * of earlier ones, as if they had come one after the other.
 *
 * What nobody waits for (an audit line) asks for no write of its own: it goes along
 * with the next commit, and alone when none comes.
 */
import { CompiledQuery, type Kysely } from 'kysely';
import { PiplError } from '@pipl/packl';
import { askFor } from '../state/statement.ts';
import type { Database, Queries, Tables } from '../state/tables.ts';

/** May be run again from its beginning: nothing it does outlives its transaction. */
type Work<T> = (tx: Queries) => Promise<T>;

interface Job {
  readonly work: Work<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

type Outcome =
  | { readonly is: 'done'; readonly value: unknown }
  | { readonly is: 'refused'; readonly error: unknown };

/** More would keep everybody else from the one connection for too long. */
const mostTogether = 32;

/** Thrown to roll back when there is nothing to commit. */
const nothing = new Error('nothing to commit');

const savepoint = CompiledQuery.raw('savepoint one_of_many');
const release = CompiledQuery.raw('release savepoint one_of_many');
const rollback = CompiledQuery.raw('rollback to savepoint one_of_many');

async function attempt(tx: Queries, work: Work<unknown>): Promise<Outcome> {
  await askFor(tx, savepoint);
  try {
    const value = await work(tx);
    await askFor(tx, release);
    return { is: 'done', value };
  } catch (error) {
    // Not a refusal but a failure: the whole transaction may be gone.
    if (!(error instanceof PiplError)) throw error;
    await askFor(tx, rollback);
    await askFor(tx, release);
    return { is: 'refused', error };
  }
}

async function alone(db: Database, { work, resolve, reject }: Job): Promise<void> {
  try {
    resolve(await db.transaction().execute(work));
  } catch (error) {
    reject(error);
  }
}

async function together(db: Database, jobs: readonly Job[]): Promise<void> {
  const outcomes: Outcome[] = [];
  let failed: Job | undefined;
  try {
    await db.transaction().execute(async (tx) => {
      for (const job of jobs) {
        failed = job;
        outcomes.push(await attempt(tx, job.work));
      }
      failed = undefined;
      if (outcomes.every(({ is }) => is === 'refused')) throw nothing;
    });
  } catch (error) {
    if (error !== nothing) {
      // One of them broke before anything was committed: the others shall not suffer for it.
      if (failed !== undefined) for (const job of jobs) await alone(db, job);
      else for (const { reject } of jobs) reject(error);
      return;
    }
  }
  for (const [at, outcome] of outcomes.entries()) {
    if (outcome.is === 'done') jobs[at]?.resolve(outcome.value);
    else jobs[at]?.reject(outcome.error);
  }
}

/** Milliseconds that a commit waits for those who are about to join it; less than it takes itself. */
const patience = 2;

/** Those who have begun to write their files and will soon have something to commit. */
function openComing() {
  let count = 0;
  let nobody: (() => void) | undefined;
  return {
    one(): () => void {
      count += 1;
      return () => {
        count -= 1;
        if (count === 0) nobody?.();
      };
    },
    /** Resolves when nobody is coming any more, soon in any case. */
    async all(): Promise<void> {
      if (count === 0) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      nobody = resolve;
      const timer = setTimeout(resolve, patience);
      await promise;
      clearTimeout(timer);
    },
  };
}

function openQueue(db: Database) {
  const waiting: Job[] = [];
  /** Nobody waits for these: with whoever comes next. */
  const patient: Job[] = [];
  const coming = openComing();
  let isRunning = false;
  const run = async () => {
    while (waiting.length > 0) {
      await coming.all();
      const jobs = waiting.splice(0, mostTogether);
      jobs.push(...patient.splice(0, mostTogether - jobs.length));
      const [first] = jobs;
      await (first !== undefined && jobs.length === 1 ? alone(db, first) : together(db, jobs));
    }
    isRunning = false;
  };
  const begin = () => {
    if (isRunning || waiting.length === 0) return;
    isRunning = true;
    // After this turn, so that those whose files became durable in it come along.
    setImmediate(() => void run());
  };
  const put = <T>(work: Work<T>, where: Job[]): Promise<T> => {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    where.push({ work, resolve, reject });
    begin();
    return promise as Promise<T>;
  };
  const hurry = () => {
    waiting.push(...patient.splice(0));
    begin();
  };
  return {
    coming,
    hurry,
    commit: <T>(work: Work<T>) => put(work, waiting),
    async commitWithNext<T>(work: Work<T>, longest: number): Promise<T> {
      const timer = setTimeout(hurry, longest);
      try {
        return await put(work, patient);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

const queues = new WeakMap<Database, ReturnType<typeof openQueue>>();

function queueOf(db: Database) {
  const queue = queues.get(db) ?? openQueue(db);
  queues.set(db, queue);
  return queue;
}

/**
 * Runs in a transaction that others may share; done means committed. `work` may be run again from its beginning.
 * @throws what `work` throws; what the database throws
 */
export const commitTogether = <T, Shared = Tables>(
  db: Kysely<Shared>,
  work: (tx: Kysely<Shared>) => Promise<T>,
): Promise<T> => queueOf(db as unknown as Database).commit(work as unknown as Work<T>);

/**
 * The same for what nobody waits for: in the transaction of whoever comes next.
 * @param longest milliseconds after which it gets one of its own
 * @throws what `work` throws; what the database throws
 */
export const commitWithNext = <T, Shared = Tables>(
  db: Kysely<Shared>,
  work: (tx: Kysely<Shared>) => Promise<T>,
  longest: number,
): Promise<T> => queueOf(db as unknown as Database).commitWithNext(work as unknown as Work<T>, longest);

/** Now somebody waits for what {@link commitWithNext} was given: it is written without more ado. */
export const commitWhatWaits = <Shared = Tables>(db: Kysely<Shared>): void =>
  queueOf(db as unknown as Database).hurry();

/**
 * Says that there will soon be something to commit, so that a commit that is about to begin waits a little.
 * @returns to be called when it is there, or will not be
 */
export const comingToCommit = (db: Database): (() => void) => queueOf(db).coming.one();
