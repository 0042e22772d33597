/** An engine that is held: what runs goes on, what waits waits, whichever engine over the same folder is asked. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { access, scriptedTicket, until } from '../src/conformance.ts';
import { makeBed } from './local-bed.ts';

test('while it is held what was submitted waits, over another engine too; what is let go runs once', async () => {
  await using bed = await makeBed({ isHeld: true });
  await bed.engine.submit(scriptedTicket('held.1', { does: 'succeed' }), access);
  await bed.restart();
  await bed.engine.submit(scriptedTicket('held.2', { does: 'succeed' }), access);
  expect(await bed.engine.observe('held.1')).toEqual({ is: 'waiting' });
  expect(await readdir(join(bed.runsDir, 'held.1'))).not.toContain('status.json');
  await bed.engine.hold?.(false);
  for (const attempt of ['held.1', 'held.2']) {
    await until(
      () => bed.engine.observe(attempt),
      ({ is }) => is === 'succeeded',
    );
    expect(await bed.starts(attempt)).toBe(1);
  }
});

test('who is held while something runs lets it end, and starts nothing after it', async () => {
  await using bed = await makeBed({ concurrency: 1 });
  await bed.engine.submit(scriptedTicket('runs.1', { does: 'succeed', after: 300 }), access);
  await bed.engine.submit(scriptedTicket('waits.1', { does: 'succeed' }), access);
  await bed.engine.hold?.(true);
  await until(
    () => bed.engine.observe('runs.1'),
    ({ is }) => is === 'succeeded',
  );
  expect(await bed.engine.observe('waits.1')).toEqual({ is: 'waiting' });
  await bed.engine.hold?.(false);
  await until(
    () => bed.engine.observe('waits.1'),
    ({ is }) => is === 'succeeded',
  );
});
