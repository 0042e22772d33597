/** A turn of the reactor ends when its disk is full, and the next one begins when there is room again. */
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '@pipl/registry';
import { loadState } from '../src/projection.ts';
import { takeTurns, type Turn } from '../src/turns.ts';

const full = (): Error => Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
const broken = (): Error => Object.assign(new Error('input/output error'), { code: 'EIO' });

/** @param begins what happens at each beginning: an error that it ends with, or that ends the turn later */
async function scene(...begins: readonly { readonly fails?: Error; readonly ends?: Error }[]) {
  const db = await openDatabase(':memory:');
  const fatal: unknown[] = [];
  const closed: number[] = [];
  const everything = Promise.withResolvers<void>();
  let begun = 0;
  const turns = takeTurns({
    db,
    look: () => loadState({ records: [], registry: undefined as never, handlers: [] }),
    onFatal: (error) => fatal.push(error),
    async begin(onEnd) {
      const epoch = begun++;
      const { fails, ends } = begins[epoch] ?? {};
      if (epoch >= begins.length - 1) everything.resolve();
      if (fails !== undefined) throw fails;
      if (ends !== undefined) setImmediate(() => onEnd(ends));
      const close = async () => void closed.push(epoch);
      return {
        epoch,
        reactor: { close },
        handlers: { start: async () => undefined, close },
      } as unknown as Turn;
    },
  });
  turns.settled.catch(() => undefined);
  onTestFinished(async () => {
    await turns.close();
    await db.destroy();
  });
  return { turns, fatal, closed, everything: everything.promise };
}

test('a full disk ends a turn and not the server: it is tried again until there is room', async () => {
  const { turns, fatal, closed, everything } = await scene({ ends: full() }, { fails: full() }, {});
  await everything;
  expect(fatal).toEqual([]);
  expect(closed).toEqual([0, 0]);
  await expect.poll(() => turns.now?.epoch).toBe(2);
});

test('a server whose disk is full from the beginning does not start', async () => {
  const { turns, fatal } = await scene({ fails: full() });
  await expect(turns.settled).rejects.toThrow('no space left');
  expect(fatal).toHaveLength(1);
});

test('a disk that fails ends the server', async () => {
  const { fatal } = await scene({ ends: broken() });
  await expect.poll(() => fatal).toMatchObject([{ code: 'EIO' }]);
});
