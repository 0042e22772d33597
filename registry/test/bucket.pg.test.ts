/** Several servers on one PostgreSQL and one bucket: no folder in common. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect, integrityOf } from '@pipl/registry-client';
import { openDatabase, startRegistry } from '@pipl/registry';
import { databaseIn } from './databases.ts';
import { hasMoto, startMoto, type Moto } from './moto.ts';
import { film, packl, refusal, scratch } from './scene.ts';

let moto: Moto;
const withMoto = hasMoto();
beforeAll(async () => {
  if (withMoto) moto = await startMoto();
});
afterAll(async () => moto?.stop());

async function pair() {
  const where = await databaseIn(await scratch());
  const blobs = { address: `s3://${moto.bucket}/several`, endpoint: moto.endpoint };
  const open = async () => {
    const dataDir = await scratch();
    const db = await openDatabase(where);
    const place = { dataDir, db, project: 'film', common: film, host: '127.0.0.1', port: 0, blobs };
    return { db, registry: await startRegistry(place) };
  };
  const [one, other] = [await open(), await open()];
  await one.registry.createIndex(film);
  const token = await one.registry.issueUserToken('root');
  return {
    one: { ...one, client: connect({ url: one.registry.url, token }) },
    other: { ...other, client: connect({ url: other.registry.url, token }) },
    async [Symbol.asyncDispose]() {
      for (const { registry, db } of [one, other]) {
        await registry.close();
        await db.destroy();
      }
    },
  };
}

describe.runIf(withMoto)('with their tarballs in one bucket', () => {
  test('one version, asked of two at once: one wins, and both serve its tarball', async () => {
    await using both = await pair();
    const contents = await Promise.all(['x', 'y'].map((content) => packl('bunny', '1.0.0', { content })));
    const outcomes = await Promise.all(
      [both.one, both.other].map(({ client }, at) =>
        refusal(client.release({ index: film, packls: [contents[at]!] })),
      ),
    );
    expect(outcomes.toSorted()).toEqual(['PIPL_VERSION_TAKEN', 'accepted']);
    const winner = contents[outcomes.indexOf('accepted')]!.integrity;
    for (const { client } of [both.one, both.other])
      expect(integrityOf(await client.tarball(film, 'bunny', '1.0.0'))).toBe(winner);
  });

  test(
    'collections in one, all the time and of everything: what the other published stays',
    { timeout: 540_000 },
    async () => {
      await using both = await pair();
      const { one, other } = both;
      const over = new AbortController();
      const collecting = (async () => {
        let files = 0;
        while (!over.signal.aborted) files += (await other.registry.upkeep.collect(0)).files;
        return files;
      })();
      const round = async (at: number) => {
        const own = await packl(`b${at}`, '1.0.0');
        // One of them is refused after its content is in the bucket: the collection wants that content.
        await Promise.all(
          [own, await packl(`b${at}`, '1.0.0', { content: 'y' })].map((each) =>
            refusal(one.client.release({ index: film, packls: [each] })),
          ),
        );
      };
      try {
        for (let at = 0; at < 15; at += 1) await round(at);
      } finally {
        over.abort();
      }
      expect(await collecting).toBeGreaterThan(0);
      expect(await one.registry.upkeep.fsck({ readData: true })).toMatchObject({
        ok: true,
        checked: { versions: 15 },
      });
    },
  );
});
