/**
 * Locks between the processes on one PostgreSQL: each on a connection of its own, which ends with its process,
 * however that one dies.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from 'pg';
import { isAway, postgresFailure } from './postgres-failure.ts';

/** The word "pipl" as a number: whose advisory locks these are. */
export const lockSpace = 0x70_69_70_6c;
export const lockNumbers = { writing: 1, reacting: 2, upkeep: 3 } as const;
export type LockName = keyof typeof lockNumbers;

export interface HeldLock {
  /** Resolves when the connection that holds it has ended, not by `release`. */
  readonly lost: Promise<void>;
  release(): Promise<void>;
}

const secondsBetween = 1;

export async function holdPostgresLock(
  clientOf: () => Client,
  name: LockName,
  signal: AbortSignal,
): Promise<HeldLock> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await holdOnce(clientOf(), lockNumbers[name], signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!isAway(postgresFailure(error))) throw error;
      await pause(secondsBetween * 1000, undefined, { signal });
    }
  }
}

async function holdOnce(client: Client, number: number, signal: AbortSignal): Promise<HeldLock> {
  const lost = Promise.withResolvers<void>();
  client.on('error', () => lost.resolve());
  client.on('end', () => lost.resolve());
  const aborted = Promise.withResolvers<never>();
  const giveUp = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', giveUp);
  const taking = take(client, number);
  try {
    await Promise.race([taking, aborted.promise]);
  } catch (error) {
    // A query that waits for the lock ends with its connection only, and that may not be there yet.
    void taking.catch(() => undefined).then(() => client.end());
    void client.end();
    throw error;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
  return { lost: lost.promise, release: () => client.end() };
}

async function take(client: Client, number: number): Promise<void> {
  await client.connect();
  // Who gave up while waiting must not be given the lock in the end.
  await client.query("set client_connection_check_interval = '2s'");
  await client.query(`select pg_advisory_lock(${lockSpace}, ${number})`);
}
