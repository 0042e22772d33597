/** Several server processes' worth of registries on one PostgreSQL and one data folder. */
import { existsSync } from 'node:fs';
import { mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, inject, onTestFinished, test, vi } from 'vitest';
import { hexOf } from '../src/blobs/address.ts';
import { connect, integrityOf, type RegistryClient } from '@pipl/registry-client';
import { backendOf, openDatabase, startRegistry } from '@pipl/registry';
import { databaseIn } from './databases.ts';
import { film, packl, refusal, scratch, settled } from './scene.ts';

async function openServer(dir: string) {
  const db = await openDatabase(await databaseIn(dir));
  const registry = await startRegistry({
    dataDir: dir,
    db,
    project: 'film',
    common: film,
    host: '127.0.0.1',
    port: 0,
  });
  return { db, registry };
}

/** Two that know nothing of each other but the database and the folder. */
async function pair() {
  const dir = await scratch();
  const open = () => openServer(dir);
  const [one, other] = [await open(), await open()];
  await one.registry.createIndex(film);
  const token = await one.registry.issueUserToken('root');
  return {
    dir,
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

const publishMany = async (client: RegistryClient, name: string, count: number): Promise<void> => {
  for (let patch = 0; patch < count; patch += 1) {
    await client.release({ index: film, packls: [await packl(name, `1.0.${patch}`)] });
  }
};

test('a reader never misses a change, however many write and wherever', { timeout: 540_000 }, async () => {
  await using both = await pair();
  const { one, other } = both;
  const begin = await other.registry.feed.head();
  const seen: number[] = [];
  const publishers = [one, other].flatMap(({ client }, at) =>
    [0, 1].map((n) => publishMany(client, `from-${at}-${n}`, 15)),
  );
  while (seen.length < 60) {
    const { changes } = await other.registry.feed.read(begin + seen.length);
    seen.push(...changes.map(({ seq }) => seq));
    if (changes.length === 0) await other.registry.feed.wait(begin + seen.length);
  }
  await Promise.all(publishers);
  expect(seen).toEqual(Array.from({ length: 60 }, (_, at) => begin + at + 1));
  expect((await one.client.rows(film)).rows).toHaveLength(60);
  expect((await other.client.rows(film)).rows).toHaveLength(60);
});

test('one version, asked of both at once: one wins, and both serve its tarball', async () => {
  await using both = await pair();
  const { one, other } = both;
  const contents = await Promise.all(['x', 'y'].map((content) => packl('bunny', '1.0.0', { content })));
  const outcomes = await Promise.all(
    [one, other].map(({ client }, at) => refusal(client.release({ index: film, packls: [contents[at]!] }))),
  );
  expect(outcomes.toSorted()).toEqual(['PIPL_VERSION_TAKEN', 'accepted']);
  const winner = contents[outcomes.indexOf('accepted')]!.integrity;
  for (const { client } of [one, other])
    expect(integrityOf(await client.tarball(film, 'bunny', '1.0.0'))).toBe(winner);
});

test('what one publishes the other shows at once, and who waits there is woken by it', async () => {
  // Without the hint there would be a look every second: it is the hint that is tested.
  vi.useFakeTimers({ toFake: ['setInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  await using both = await pair();
  const { one, other } = both;
  const packument = async () =>
    (await (await fetch(`${other.registry.url}/${film}/bunny`)).json()) as {
      versions?: Record<string, unknown>;
    };
  await other.registry.feed.wait(0);
  for (const version of ['1.0.0', '1.1.0', '1.2.0']) {
    const waiting = other.registry.feed.wait(await other.registry.feed.head());
    await one.client.release({ index: film, packls: [await packl('bunny', version)] });
    await waiting;
    expect(Object.keys((await packument()).versions ?? {})).toContain(version);
  }
});

test(
  'a collection in one takes nothing away that the other publishes again',
  { timeout: 540_000 },
  async () => {
    await using both = await pair();
    const { one, other, dir } = both;
    const over = new AbortController();
    const collecting = (async () => {
      let files = 0;
      while (!over.signal.aborted) files += (await other.registry.upkeep.collect(10_000)).files;
      return files;
    })();
    try {
      for (let round = 0; round < 25; round += 1) {
        const own = await packl(`b${round}`, '1.0.0');
        const hex = hexOf(own.integrity);
        const file = join(dir, 'blobs', 'sha512', hex.slice(0, 2), hex);
        // Left by a refused publish of long ago: the collection wants it, and so does who publishes now.
        await writeFile(file, own.tarball);
        await utimes(file, 0, 0);
        await one.client.release({ index: film, packls: [own] });
        expect(integrityOf(await one.client.tarball(film, `b${round}`, '1.0.0'))).toBe(own.integrity);
      }
      // Nobody publishes this one: it goes, so the collections of before were real.
      const hex = hexOf((await packl('nobody', '1.0.0')).integrity);
      const left = join(dir, 'blobs', 'sha512', hex.slice(0, 2), hex);
      await mkdir(dirname(left), { recursive: true });
      await writeFile(left, '');
      await utimes(left, 0, 0);
      await expect.poll(() => existsSync(left), { timeout: 300_000 }).toBe(false);
    } finally {
      over.abort();
    }
    expect(await collecting).toBeGreaterThan(0);
  },
);

test(
  'a server that starts while others publish takes nothing of theirs; what a dead one left, any of them brings to disk',
  { timeout: 60_000 },
  async () => {
    await using both = await pair();
    const { one, other, dir } = both;
    const left = await packl('left', '1.0.0');
    await one.client.release({ index: film, packls: [left] });
    await settled({ dir });
    const publishing = [one, other].map(({ client }, at) => publishMany(client, `from-${at}`, 20));
    const hex = hexOf(left.integrity);
    const file = join(dir, 'blobs', 'sha512', hex.slice(0, 2), hex);
    // As a server leaves it whose machine lost its power: its file is torn, and it does not come back.
    const tear = async (id: number) => {
      await one.db
        .insertInto('registry_arriving')
        .values({ id, integrity: left.integrity, bytes: left.tarball })
        .execute();
      await rm(file);
      await writeFile(file, '');
    };
    const contentLeft = () => other.client.tarball(film, 'left', '1.0.0').then(integrityOf);
    await tear(1);
    await other.registry.upkeep.collect();
    expect(await contentLeft()).toBe(left.integrity);
    await tear(2);
    const third = await openServer(dir);
    expect(await contentLeft()).toBe(left.integrity);
    await Promise.all(publishing);
    await third.registry.close();
    await third.db.destroy();
    await settled({ dir });
    const { rows } = await one.client.rows(film);
    expect(rows).toHaveLength(41);
    for (const { name, version, integrity } of rows)
      expect(integrityOf(await other.client.tarball(film, name, version))).toBe(integrity);
  },
);

test('a lock between processes is held by one, and goes to the next when the connection of the first ends', async () => {
  const where = inject('postgres');
  await using db = await openDatabase(where!.replace(/[^/]*$/, 'postgres'));
  const backend = backendOf(db);
  if (backend.is !== 'postgres') throw new Error('This is a test of PostgreSQL.');
  const never = new AbortController().signal;
  const first = await backend.hold('reacting', never);
  const order: string[] = [];
  const second = backend.hold('reacting', never).then((lock) => (order.push('second has it'), lock));
  const given = new AbortController();
  const third = backend.hold('reacting', given.signal);
  given.abort(new Error('no longer wanted'));
  await expect(third).rejects.toThrow('no longer wanted');
  order.push('first ends');
  await first.release();
  await (await second).release();
  expect(order).toEqual(['first ends', 'second has it']);
});
