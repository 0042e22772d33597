/** Who may read, publish, change an index: for users, groups, everybody, runs; in every place where an index shows. */
import { expect, test } from 'vitest';
import { indexName, type IndexName } from '@pipl/packl';
import { connect, type RegistryClient } from '@pipl/registry-client';
import { film, mirror, packl, refusal, startScene, type Scene } from './scene.ts';

const stage = indexName('alice/stage');
const secret = indexName('root/secret');
const below = indexName('root/below');

const get = async (client: RegistryClient, path: string) => {
  const headers = client.token === undefined ? {} : { authorization: `Bearer ${client.token}` };
  const response = await fetch(client.url + path, { headers });
  return { status: response.status, text: await response.text() };
};

/** Every place where an index can be read, and whether it shows what only `root/secret` holds. */
async function sees(client: RegistryClient, index: IndexName): Promise<Record<string, boolean>> {
  const status = async (path: string) => (await get(client, path)).status === 200;
  const shows = async (path: string) => {
    const answer = await get(client, path);
    return answer.status === 200 && answer.text.includes('@film/plot');
  };
  const rows = await client.rows(index).catch(() => ({ rows: [] }));
  const packls = await client.packls(index, { inherited: true }).catch(() => []);
  return {
    packument: await status(`/${index}/@film%2fplot`),
    short: await status(`/${index}/@film/plot/1.0.0`),
    tarball: await status(`/${index}/@film/plot/-/plot-1.0.0.tgz`),
    tags: await status(`/${index}/-/package/@film%2fplot/dist-tags`),
    search: await shows(`/${index}/-/v1/search?text=plot`),
    webList: await shows(`/${index}/-/verdaccio/data/packages`),
    webSearch: await shows(`/${index}/-/verdaccio/data/search/plot`),
    webPage: await status(`/${index}/-/verdaccio/data/sidebar/@film/plot`),
    readme: (await get(client, `/${index}/-/verdaccio/data/package/readme/@film/plot`)).text.includes(
      '# @film/plot',
    ),
    rows: rows.rows.some(({ name }) => name === '@film/plot'),
    packls: packls.some(({ name }) => name === '@film/plot'),
  };
}

const changesOf = async (client: RegistryClient) =>
  new Set((await client.changes({ since: 0, limit: 5000 })).changes.map(({ index }) => index));

async function startSecret(): Promise<Scene & { readonly who: (name: string) => Promise<RegistryClient> }> {
  const scene = await startScene();
  const root = await scene.as('root');
  for (const user of ['alice', 'bob', 'carol']) await scene.registry.setUser(user, { password: user });
  await root.setGroup('writers', ['bob']);
  await root.setIndex(secret, { bases: [film], read: ['alice', ':writers'] });
  await root.setIndex(below, { bases: [secret], handlers: [{ handler: 'qa', from: secret }] });
  await scene.publish(secret, await packl('@film/plot', '1.0.0'));
  await scene.publish(film, await packl('@film/bunny', '1.0.0'));
  const who = (name: string) => (name === 'nobody' ? Promise.resolve(scene.anonymous) : scene.as(name));
  return Object.assign(scene, { who });
}

test('who may read an index reads it everywhere, and who may not nowhere, through bases neither', async () => {
  await using scene = await startSecret();
  const readers: Record<string, boolean> = {
    root: true,
    alice: true,
    bob: true,
    carol: false,
    nobody: false,
  };
  for (const [name, may] of Object.entries(readers)) {
    const client = await scene.who(name);
    for (const index of [secret, below]) {
      const seen = await sees(client, index);
      const wrong = Object.entries(seen).filter(([, does]) => does !== may);
      expect([name, index, wrong]).toEqual([name, index, []]);
    }
    expect([name, (await client.indexes()).some((index) => index.name === secret)]).toEqual([name, may]);
    const child = (await client.indexes()).find((index) => index.name === below);
    expect([name, child?.bases]).toEqual([name, may ? [secret] : []]);
    expect([name, child?.handlers?.length]).toEqual([name, may ? 1 : 0]);
    expect([name, (await changesOf(client)).has(secret)]).toEqual([name, may]);
    // What lies behind the hidden base is still there.
    expect([name, (await get(client, `/${below}/@film%2fbunny`)).status]).toEqual([name, 200]);
    expect([name, (await get(client, `/${secret}/`)).status]).toEqual([name, may ? 200 : 404]);
  }
  const hidden = await get(scene.anonymous, `/${secret}/@film%2fplot`);
  const missing = await get(scene.anonymous, '/root/nothing/@film%2fplot');
  expect(hidden.text.replaceAll('root/secret', 'root/nothing')).toBe(missing.text);
}, 540_000);

test('a group and a right that are taken away end at once, and the feed tells of both', async () => {
  await using scene = await startSecret();
  const [root, bob, alice] = [await scene.as('root'), await scene.who('bob'), await scene.who('alice')];
  const reads = async (client: RegistryClient) => (await sees(client, secret))['rows'];
  expect(await reads(bob)).toBe(true);
  const head = await scene.registry.feed.head();
  await root.setGroup('writers', []);
  expect(await reads(bob)).toBe(false);
  expect((await scene.registry.feed.read(head)).changes).toMatchObject([{ op: 'index', index: secret }]);
  await root.setIndex(secret, { read: ['bob'] });
  expect([await reads(bob), await reads(alice)]).toEqual([true, false]);
  await root.setIndex(secret, { read: [':AUTHENTICATED:'] });
  expect([await reads(alice), await reads(scene.anonymous)]).toEqual([true, false]);
  await root.setIndex(secret, { read: null });
  expect(await reads(scene.anonymous)).toBe(true);
});

test(
  'a reader of the feed gets past what it may not see, and is woken by what it may',
  { timeout: 45_000 },
  async () => {
    await using scene = await startSecret();
    const since = await scene.registry.feed.head();
    const stop = new AbortController();
    const seen: string[] = [];
    const following = (async () => {
      for await (const { name } of scene.anonymous.follow({ since, signal: stop.signal })) {
        seen.push(name);
        stop.abort();
      }
    })();
    for (let minor = 1; minor <= 5; minor++)
      await scene.publish(secret, await packl('@film/plot', `1.${minor}.0`));
    expect(await scene.anonymous.changes({ since, limit: 2 })).toMatchObject({
      changes: [],
      through: since + 5,
    });
    await scene.publish(film, await packl('@film/hare', '1.0.0'));
    await following;
    expect(seen).toEqual(['@film/hare']);
  },
);

test('a run reads the index of its ticket and what that inherits, whatever people may', async () => {
  await using scene = await startSecret();
  const expires = new Date(Date.now() + 60_000);
  const runOn = async (index: IndexName, attempt: string) =>
    connect({
      url: scene.registry.url,
      token: await scene.registry.issueRunToken({ attempt, index, packls: ['x'], expires }),
    });
  const [inside, outside] = [await runOn(below, 'a.1'), await runOn(film, 'b.1')];
  expect(Object.values(await sees(inside, secret)).every(Boolean)).toBe(true);
  expect(Object.values(await sees(inside, below)).every(Boolean)).toBe(true);
  expect(Object.values(await sees(outside, secret)).some(Boolean)).toBe(false);
  expect((await outside.indexes()).map(({ name }) => name)).toEqual([film, mirror]);
  // An index beside its own, which everybody else may read.
  await (await scene.as('root')).setIndex(indexName('root/other'), {});
  expect(await refusal(outside.rows(indexName('root/other')))).toBe('PIPL_NO_INDEX');
}, 540_000);

test('nobody reads through an index of their own what they may not read', async () => {
  await using scene = await startSecret();
  const carol = await scene.who('carol');
  const own = indexName('carol/own');
  expect(await refusal(carol.setIndex(own, { bases: [secret] }))).toBe('PIPL_NO_INDEX');
  await (await scene.as('root')).setIndex(own, { bases: [secret] });
  expect(Object.values(await sees(carol, own)).some(Boolean)).toBe(false);
  // Owned here, hidden for her: still never asked upstream.
  expect(scene.upstream.asked).toEqual([]);
});

test('publishing is for whom the index names; by default for its owner, in the common one for every user', async () => {
  await using scene = await startSecret();
  const [root, alice, bob] = [await scene.as('root'), await scene.who('alice'), await scene.who('bob')];
  await alice.setIndex(stage, { bases: [film] });
  let version = 0;
  const publishes = async (client: RegistryClient, index: IndexName) =>
    refusal(client.release({ index, packls: [await packl('a', `1.0.${version++}`)] }));

  expect(await publishes(bob, stage)).toBe('PIPL_DENIED');
  await alice.setIndex(stage, { publish: [':writers'] });
  expect([await publishes(bob, stage), await publishes(await scene.who('carol'), stage)]).toEqual([
    'accepted',
    'PIPL_DENIED',
  ]);
  await bob.deprecate(stage, { name: 'a', version: '1.0.1', message: 'old' });
  expect(await refusal(bob.setIndex(stage, { publish: ['bob'] }))).toBe('PIPL_DENIED');
  await root.setIndex(film, { publish: ['alice'] });
  expect([await publishes(bob, film), await publishes(alice, film), await publishes(root, film)]).toEqual([
    'PIPL_DENIED',
    'accepted',
    'accepted',
  ]);
  // What they may not even read is not there.
  expect(await publishes(await scene.who('carol'), secret)).toBe('PIPL_NO_INDEX');
});

test('rights go to users and groups that exist, and groups belong to root', async () => {
  await using scene = await startSecret();
  const [root, alice] = [await scene.as('root'), await scene.who('alice')];
  expect(await refusal(root.setIndex(secret, { read: ['dave'] }))).toBe('PIPL_NO_USER');
  expect(await refusal(root.setIndex(secret, { read: [':painters'] }))).toBe('PIPL_NO_GROUP');
  expect(await refusal(root.setIndex(secret, { read: ['a b'] }))).toBe('PIPL_INDEX');
  expect(await refusal(root.setGroup('painters', ['dave']))).toBe('PIPL_NO_USER');
  expect(await refusal(root.setGroup('ANONYMOUS', []))).toBe('PIPL_GROUP_NAME');
  expect(await refusal(alice.setGroup('writers', ['alice']))).toBe('PIPL_DENIED');
  expect(await refusal(scene.anonymous.groups())).toBe('PIPL_LOGIN_NEEDED');
  expect(await alice.groups()).toEqual([{ name: 'writers', members: ['bob'] }]);
  expect(await refusal(root.removeGroup('writers'))).toBe('PIPL_GROUP_IN_USE');
  await root.setIndex(secret, { read: null });
  await root.removeGroup('writers');
  expect(await alice.groups()).toEqual([]);
  expect(await refusal(root.removeGroup('writers'))).toBe('PIPL_NO_GROUP');
});
