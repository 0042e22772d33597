/** Volatile indexes let versions go, and what nobody needs is removed while people publish the very same. */
import { utimes, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { indexName } from '@pipl/packl';
import { hexOf } from '../src/blobs/address.ts';
import { beyond } from '../src/upkeep/retention-policy.ts';
import { blobsIn, packl, refusal, startScene, type Scene } from './scene.ts';

const nightly = indexName('root/nightly');
const old = new Date(0);

async function volatileScene(retention: object): Promise<Scene> {
  const scene = await startScene();
  await scene.registry.createIndex(nightly, { volatile: true, retention });
  return scene;
}

const versions = async (scene: Scene, name = 'a') => {
  const { rows } = await scene.anonymous.rows(nightly);
  return rows.filter((row) => row.name === name && row.withdrawn !== true).map(({ version }) => version);
};

const ageBlob = async ({ dir }: Scene, integrity: string) => {
  const hex = hexOf(integrity);
  await utimes(join(dir, 'blobs', 'sha512', hex.slice(0, 2), hex), old, old);
};

test('the newest of each packl stay; the others go, each with a change; what is tagged stays', async () => {
  await using scene = await volatileScene({ keep: 2 });
  const all = await Promise.all([1, 2, 3, 4].map((minor) => packl('a', `1.${minor}.0`)));
  for (const one of all) await scene.publish(nightly, one);
  await scene.publish(nightly, await packl('b', '1.0.0'));
  const tagged = await fetch(`${scene.registry.url}/${nightly}/-/package/a/dist-tags/milestone`, {
    method: 'PUT',
    headers: {
      authorization: `Bearer ${await scene.registry.issueUserToken('root')}`,
      'content-type': 'application/json',
    },
    body: '"1.1.0"',
  });
  expect(tagged.status).toBeLessThan(300);
  const head = await scene.registry.feed.head();
  expect(await scene.registry.upkeep.retain()).toEqual([{ index: nightly, name: 'a', version: '1.2.0' }]);
  expect(await versions(scene)).toEqual(['1.1.0', '1.3.0', '1.4.0']);
  expect((await scene.registry.feed.read(head)).changes).toMatchObject([
    {
      op: 'withdraw',
      index: nightly,
      name: 'a',
      version: '1.2.0',
      message: expect.stringContaining('newest 2'),
    },
  ]);
  expect(await scene.registry.upkeep.retain()).toEqual([]);

  // Its content goes with the next collection, the others' stays.
  for (const { integrity } of all) await ageBlob(scene, integrity);
  expect(await scene.registry.upkeep.collect()).toMatchObject({ files: 1 });
  expect(await blobsIn(scene)).toBe(4);
});

test('a stable index lets nothing go, and a rule must be one', async () => {
  await using scene = await startScene();
  for (const [volatile, retention] of [
    [false, { keep: 1 }],
    [true, { keep: 0 }],
    [true, {}],
    [true, { keep: 1, weeks: 2 }],
  ] as const) {
    const asked = (await scene.as('root')).setIndex(nightly, { volatile, retention } as never);
    expect(await refusal(asked)).toBe('PIPL_INDEX');
  }
});

test('a version goes only when every part of the rule lets it go', () => {
  const now = new Date('2026-03-01T00:00:00.000Z');
  const version = fc.record({
    name: fc.constantFrom('a', 'b'),
    version: fc.string(),
    age: fc.integer({ min: 0, max: 20 }),
  });
  const rule = fc.record(
    { keep: fc.integer({ min: 1, max: 5 }), days: fc.integer({ min: 0, max: 15 }) },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.array(version, { maxLength: 20 }), rule, (some, { keep, days }) => {
      const aged = some.map(({ age, ...one }, seq) => ({
        ...one,
        seq,
        at: new Date(now.getTime() - age * 24 * 60 * 60_000 - 1).toISOString(),
        age,
      }));
      const gone = new Set(
        beyond(aged, { ...(keep ? { keep } : {}), ...(days === undefined ? {} : { days }) }, now),
      );
      for (const one of aged) {
        const newer = aged.filter(({ name, seq }) => name === one.name && seq > one.seq).length;
        const kept = newer < (keep ?? 0) || (days !== undefined && one.age < days);
        expect(gone.has(one)).toBe(!kept);
      }
    }),
  );
});

test(
  'content that is collected while it is published again is there afterwards',
  { timeout: 540_000 },
  async () => {
    await using scene = await volatileScene({ keep: 1 });
    const root = await scene.as('root');
    const shared = await packl('a', '1.0.0', { content: 'the same' });
    const over = new AbortController();
    const collecting = (async () => {
      let removed = 0;
      while (!over.signal.aborted) removed += (await scene.registry.upkeep.collect(0)).files;
      return removed;
    })();
    for (let round = 0; round < 30; round += 1) {
      // Overwritten by others, its content is needed by nobody; published again, it must be there.
      const others = await Promise.all([1, 2].map((n) => packl('a', '1.0.0', { content: `${round} ${n}` })));
      await Promise.all([shared, ...others].map((one) => root.release({ index: nightly, packls: [one] })));
      const [row] = (await root.rows(nightly)).rows;
      const hex = hexOf(row!.integrity);
      await stat(join(scene.dir, 'blobs', 'sha512', hex.slice(0, 2), hex));
    }
    over.abort();
    expect(await collecting).toBeGreaterThan(10);
  },
);
