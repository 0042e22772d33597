/** What an engine gives back: whatever nobody had begun with, and then nobody ever begins with it. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { access, isFinal, scriptedTicket, until } from '../src/conformance.ts';
import { takeBackRun } from '../src/run-folder.ts';
import { makeBed } from './local-bed.ts';

type Bed = Awaited<ReturnType<typeof makeBed>>;

const ended = (bed: Bed, attempt: string) => until(() => bed.engine.observe(attempt), isFinal);
const succeeds = (attempt: string) => scriptedTicket(attempt, { does: 'succeed' });

/** One place, which is taken until the test cancels who has it. */
async function busyBed(): Promise<Bed> {
  const bed = await makeBed({ concurrency: 1 });
  await bed.engine.submit(scriptedTicket('busy.1', { does: 'succeed', after: 600_000 }), access);
  await until(
    () => bed.engine.observe('busy.1'),
    ({ is }) => is === 'running',
  );
  return bed;
}

test('what waits is given back at once, over another engine and another submit too', async () => {
  await using bed = await busyBed();
  await bed.engine.submit(succeeds('waits.1'), access);
  await bed.engine.takeBack?.('waits.1');
  expect(await bed.engine.observe('waits.1')).toMatchObject({ is: 'taken-back' });
  await bed.engine.submit(succeeds('waits.1'), access);
  await bed.restart();
  expect(await bed.engine.observe('waits.1')).toMatchObject({ is: 'taken-back' });
  await bed.engine.submit(succeeds('after.1'), access);
  await bed.engine.cancel('busy.1');
  await ended(bed, 'after.1');
  expect(await bed.starts('waits.1')).toBe(0);
});

test('what has begun is kept, and so is what has ended', async () => {
  await using bed = await busyBed();
  await bed.engine.takeBack?.('busy.1');
  expect(await bed.engine.observe('busy.1')).toMatchObject({ is: 'running' });
  await bed.engine.cancel('busy.1');
  const end = await ended(bed, 'busy.1');
  await bed.engine.takeBack?.('busy.1');
  expect(await bed.engine.observe('busy.1')).toEqual(end);
});

test('what never came is taken back all the same: a submit that comes later starts nothing', async () => {
  await using bed = await makeBed();
  await bed.engine.takeBack?.('late.1');
  await bed.engine.submit(succeeds('late.1'), access);
  await bed.engine.submit(succeeds('after.1'), access);
  await ended(bed, 'after.1');
  expect(await bed.engine.observe('late.1')).toMatchObject({ is: 'taken-back' });
  expect(await bed.starts('late.1')).toBe(0);
});

test('of a runner and who takes back, one is first, however close they come', async () => {
  await using bed = await makeBed();
  const attempts = Array.from({ length: 20 }, (_none, at) => `race${at}.1`);
  await Promise.all(
    attempts.map(async (attempt) => {
      await bed.engine.submit(succeeds(attempt), access);
      await bed.engine.takeBack?.(attempt);
    }),
  );
  for (const attempt of attempts) {
    const { is } = await ended(bed, attempt);
    expect([attempt, is, await bed.starts(attempt)]).toEqual(
      is === 'taken-back' ? [attempt, 'taken-back', 0] : [attempt, 'succeeded', 1],
    );
  }
  expect((await readdir(bed.runsDir)).filter((name) => name.startsWith('.new-'))).toEqual([]);
});

test('an engine that died before it wrote the end has said it all the same', async () => {
  await using bed = await busyBed();
  await bed.engine.submit(succeeds('torn.1'), access);
  expect(takeBackRun(bed.runsDir, 'torn.1')).toBe(true);
  await bed.restart();
  const end = await ended(bed, 'torn.1');
  expect(end).toMatchObject({ is: 'taken-back', endedAt: expect.any(String) });
  await rm(join(bed.runsDir, 'torn.1', 'result.json'));
  expect(takeBackRun(bed.runsDir, 'torn.1'), 'once').toBe(false);
});
