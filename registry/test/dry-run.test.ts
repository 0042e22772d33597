/** A release that is only tried: refused for what would refuse it, and nothing of it is kept. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { indexName, piplError } from '@pipl/packl';
import { blobsIn, film, packl, refusal, startScene } from './scene.ts';

test('a dry run answers what would be published, and writes nothing', async () => {
  await using scene = await startScene();
  const root = await scene.as('root');
  await scene.publish(film, await packl('bear', '1.0.0'));
  const before = [await scene.registry.feed.head(), await blobsIn(scene), await root.rows(film)];

  const big = await packl('bunny', '1.0.0', { content: Array.from({ length: 200_000 }, Math.random).join() });
  expect(big.tarball.byteLength).toBeGreaterThan(600_000); // more than is kept in memory
  const { published, seq } = await root.release({ index: film, packls: [big], dryRun: true });

  expect(published).toEqual([{ name: 'bunny', version: '1.0.0', integrity: big.integrity, seq }]);
  expect([await scene.registry.feed.head(), await blobsIn(scene), await root.rows(film)]).toEqual(before);
  // Inside the server nobody else removes what arrived.
  await scene.registry.release({ index: film, packls: [big], dryRun: true }, { is: 'user', name: 'root' });
  expect(await readdir(join(scene.dir, 'blobs', 'tmp'))).toEqual([]);
  await root.release({ index: film, packls: [big] });
});

test('what would be refused is refused, by the guard of others too', async () => {
  let asked = 0;
  const guard = {
    check: async () => {
      asked += 1;
      throw piplError('conflict', 'PIPL_VERSION_RESERVED', { what: 'reserved', why: 'a run', hint: 'wait' });
    },
  };
  await using scene = await startScene({ guard });
  const root = await scene.as('root');
  const bunny = await packl('bunny', '1.0.0');
  const tried = (index: string) =>
    refusal(root.release({ index: indexName(index), packls: [bunny], dryRun: true }));
  expect(await tried(film)).toBe('PIPL_VERSION_RESERVED');
  expect(asked).toBe(1);
  expect(await tried('root/nowhere')).toBe('PIPL_NO_INDEX');
  const cut = { ...bunny, tarball: bunny.tarball.slice(0, 40) };
  expect(await refusal(root.release({ index: film, packls: [cut], dryRun: true }))).toBe('PIPL_INTEGRITY');
  expect(
    await refusal(root.withToken(undefined).release({ index: film, packls: [bunny], dryRun: true })),
  ).toBe('PIPL_LOGIN_NEEDED');
});
