/**
 * What every engine promises, as a test suite: a driver's test is one call of `itKeepsTheEnginePromises`.
 *
 * The bed runs scripted tickets: what an attempt does is written in its parameters as a {@link Script}, and the
 * bed's runner obeys. So the suite is about carrying tickets and not about what is in them.
 */
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { indexName, type Ticket } from '@pipl/packl';
import type { Engine, Observation } from './engine.ts';

export interface Script {
  readonly does:
    | 'succeed'
    | 'fail'
    /** until told to stop; leaves a grandchild in a session of its own */
    | 'wait'
    /** as `wait`, and takes no notice of being told to stop */
    | 'ignore'
    /** as `wait`, and ends without ending what it started */
    | 'leave';
  /** milliseconds before that */
  readonly after?: number;
}

export interface EngineBed extends AsyncDisposable {
  readonly engine: Engine;
  /** how many runs of it may run at once */
  readonly concurrency: number;
  /** Closes the engine and opens another over the same place. */
  restart(): Promise<void>;
  /** how often the attempt was begun */
  starts(attempt: string): Promise<number>;
  /** pids of living processes that the attempt started */
  survivors(attempt: string): Promise<number[]>;
  /** Ends the machinery that runs the attempt, without any warning. */
  killRunner(attempt: string): Promise<void>;
}

export const access = { registry: 'http://127.0.0.1:9', token: 'pipl_test.secret' };

export const scriptedTicket = (attempt: string, script: Script): Ticket => ({
  runKey: attempt.split('.')[0]!,
  attempt,
  purpose: 'process',
  index: indexName('root/test'),
  task: { name: '@test/task', version: '1.0.0', integrity: 'sha512-none' },
  field: { kind: 'task', type: '@test/code/x#X', inputs: {}, products: {}, parameters: { ...script } },
  inputs: [],
  products: [],
  codeLock: { hash: 'none', dependencies: {}, lockfile: '' },
});

export const isFinal = ({ is }: Observation) => is !== 'unknown' && is !== 'waiting' && is !== 'running';

/** Looks until it holds. @throws when it does not within the time of a test */
export async function until<T>(look: () => Promise<T>, holds: (seen: T) => boolean): Promise<T> {
  for (const end = performance.now() + 20_000; ;) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (performance.now() > end) throw new Error(`it stayed ${JSON.stringify(seen)}`);
    await sleep(10);
  }
}

export function itKeepsTheEnginePromises(makeBed: () => Promise<EngineBed>): void {
  const ended = (bed: EngineBed, attempt: string) => until(() => bed.engine.observe(attempt), isFinal);
  const running = (bed: EngineBed, attempt: string) =>
    until(
      async () => ({ seen: await bed.engine.observe(attempt), pids: await bed.survivors(attempt) }),
      ({ seen, pids }) => seen.is === 'running' && pids.length > 1,
    );

  describe('an engine', () => {
    test('runs what is submitted, and says how it ended', async () => {
      await using bed = await makeBed();
      await bed.engine.submit(scriptedTicket('good.1', { does: 'succeed' }), access);
      await bed.engine.submit(scriptedTicket('bad.1', { does: 'fail' }), access);
      expect(await ended(bed, 'good.1')).toMatchObject({ is: 'succeeded' });
      expect(await ended(bed, 'bad.1')).toMatchObject({ is: 'failed', reason: 'as its script says' });
    });

    test('knows nothing of an attempt that was never submitted, and cancels nothing', async () => {
      await using bed = await makeBed();
      await bed.engine.cancel('never.1');
      expect(await bed.engine.observe('never.1')).toEqual({ is: 'unknown' });
    });

    test('starts an attempt once, however often it is submitted', async () => {
      await using bed = await makeBed();
      const ticket = scriptedTicket('once.1', { does: 'succeed', after: 50 });
      await Promise.all([1, 2, 3].map(() => bed.engine.submit(ticket, access)));
      await ended(bed, 'once.1');
      await bed.engine.submit(ticket, access);
      expect(await bed.engine.observe('once.1')).toMatchObject({ is: 'succeeded' });
      await bed.restart();
      await bed.engine.submit(ticket, access);
      await bed.engine.submit(scriptedTicket('after.1', { does: 'succeed' }), access);
      await ended(bed, 'after.1');
      expect(await bed.starts('once.1')).toBe(1);
    });

    test('never changes how an attempt ended', async () => {
      await using bed = await makeBed();
      await bed.engine.submit(scriptedTicket('fixed.1', { does: 'succeed' }), access);
      const before = await ended(bed, 'fixed.1');
      await bed.engine.cancel('fixed.1');
      await bed.restart();
      expect(await bed.engine.observe('fixed.1')).toEqual(before);
    });

    test('runs many at once but no more than it may, and all of them in the end', async () => {
      await using bed = await makeBed();
      const attempts = Array.from({ length: bed.concurrency * 4 }, (_, at) => `many${at}.1`);
      for (const attempt of attempts) {
        await bed.engine.submit(scriptedTicket(attempt, { does: 'succeed', after: 20 }), access);
      }
      let most = 0;
      await until(
        () => Promise.all(attempts.map((attempt) => bed.engine.observe(attempt))),
        (seen) => {
          most = Math.max(most, seen.filter(({ is }) => is === 'running').length);
          return seen.every(isFinal);
        },
      );
      expect(most).toBeGreaterThan(0);
      expect(most).toBeLessThanOrEqual(bed.concurrency);
      expect(await Promise.all(attempts.map((attempt) => bed.starts(attempt)))).toEqual(
        attempts.map(() => 1),
      );
    });

    test('cancels what waits: it is never begun', async () => {
      await using bed = await makeBed();
      const busy = Array.from({ length: bed.concurrency }, (_, at) => `busy${at}.1`);
      for (const attempt of busy) await bed.engine.submit(scriptedTicket(attempt, { does: 'wait' }), access);
      await bed.engine.submit(scriptedTicket('later.1', { does: 'succeed' }), access);
      expect(await bed.engine.observe('later.1')).toMatchObject({ is: 'waiting' });
      await bed.engine.cancel('later.1');
      for (const attempt of busy) await bed.engine.cancel(attempt);
      for (const attempt of busy) expect(await ended(bed, attempt)).toMatchObject({ is: 'canceled' });
      expect(await bed.engine.observe('later.1')).toMatchObject({ is: 'canceled' });
      expect(await bed.starts('later.1')).toBe(0);
    });

    test('cancels what runs, grandchildren included, also when it takes no notice', async () => {
      await using bed = await makeBed();
      for (const does of ['wait', 'ignore'] as const) {
        const attempt = `${does}.1`;
        await bed.engine.submit(scriptedTicket(attempt, { does }), access);
        await running(bed, attempt);
        await bed.engine.cancel(attempt);
        expect(await ended(bed, attempt)).toMatchObject({ is: 'canceled' });
        expect(await bed.survivors(attempt)).toEqual([]);
      }
    });

    test('whoever sees the end of what was cancelled, however soon, finds nothing left of it', async () => {
      await using bed = await makeBed();
      await bed.engine.submit(scriptedTicket('soon.1', { does: 'leave' }), access);
      await running(bed, 'soon.1');
      await bed.engine.cancel('soon.1');
      while (!isFinal(await bed.engine.observe('soon.1'))) await setImmediate();
      expect(await bed.survivors('soon.1')).toEqual([]);
    });

    test('says lost when the machinery died, and leaves no process behind', async () => {
      await using bed = await makeBed();
      await bed.engine.submit(scriptedTicket('dead.1', { does: 'wait' }), access);
      await running(bed, 'dead.1');
      await bed.killRunner('dead.1');
      expect(await ended(bed, 'dead.1')).toMatchObject({ is: 'lost', reason: expect.stringMatching(/./) });
      expect(await bed.survivors('dead.1')).toEqual([]);
      await bed.engine.submit(scriptedTicket('next.1', { does: 'succeed' }), access);
      expect(await ended(bed, 'next.1')).toMatchObject({ is: 'succeeded' });
    });

    test('a run goes on while the engine is away, and is found again', async () => {
      await using bed = await makeBed();
      await bed.engine.submit(scriptedTicket('away.1', { does: 'leave' }), access);
      await running(bed, 'away.1');
      await bed.restart();
      expect(await bed.engine.observe('away.1')).toMatchObject({ is: 'running' });
      await bed.engine.cancel('away.1');
      expect(await ended(bed, 'away.1')).toMatchObject({ is: 'canceled' });
      expect(await bed.survivors('away.1')).toEqual([]);
    });

    test('hints when a run began and when it ended', async () => {
      await using bed = await makeBed();
      const hints: string[] = [];
      const seen: string[] = [];
      bed.engine.onHint?.((attempt) => {
        hints.push(attempt);
        void bed.engine.observe(attempt).then(({ is }) => seen.push(is));
      });
      await bed.engine.submit(scriptedTicket('told.1', { does: 'succeed', after: 100 }), access);
      await until(
        async () => seen,
        (states) => states.includes('succeeded'),
      );
      expect(seen).toContain('running');
      expect(new Set(hints)).toEqual(new Set(['told.1']));
    });
  });
}
