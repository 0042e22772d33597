/** Indexes, their bases, the mirror behind them, and the web pages in front of each. */
import { expect, test } from 'vitest';
import { indexName } from '@pipl/packl';
import { integrityOf } from '@pipl/registry-client';
import { film, mirror, packl, startScene, type Scene } from './scene.ts';

const stage = indexName('alice/stage');
const get = async ({ registry }: Scene, path: string, headers: Record<string, string> = {}) => {
  const response = await fetch(registry.url + path, { headers });
  const text = await response.text();
  return { status: response.status, text, json: () => JSON.parse(text) as Record<string, never> };
};
const versionsOf = async (scene: Scene, index: string, name: string) =>
  Object.keys((await get(scene, `/${index}/${name}`)).json()['versions'] ?? {});

test('an index shows what its bases have; what it has itself stands before them', async () => {
  await using scene = await startScene();
  const alice = await scene.as('alice');
  await alice.setIndex(stage, { bases: [film] });
  const below = await packl('bunny', '1.0.0', { content: 'film' });
  const above = await packl('bunny', '1.0.0', { content: 'stage' });
  await scene.publish(film, below, await packl('bunny', '1.1.0'));
  await alice.release({ index: stage, packls: [above] });

  expect(await versionsOf(scene, 'alice/stage', 'bunny')).toEqual(['1.0.0', '1.1.0']);
  expect(integrityOf(await alice.tarball(stage, 'bunny', '1.0.0'))).toBe(above.integrity);
  expect(integrityOf(await alice.tarball(film, 'bunny', '1.0.0'))).toBe(below.integrity);
  const { rows } = await alice.rows(stage, 'bunny');
  expect(rows.map(({ index, version }) => [index, version])).toEqual([
    [stage, '1.0.0'],
    [film, '1.1.0'],
  ]);

  await alice.withdraw(stage, { name: 'bunny', version: '1.0.0' });
  expect(await versionsOf(scene, 'alice/stage', 'bunny')).toEqual(['1.1.0']);
  expect(await versionsOf(scene, 'root/film', 'bunny')).toEqual(['1.0.0', '1.1.0']);
});

test('only its owner and root change an index or publish to it', async () => {
  await using scene = await startScene();
  const [alice, bob] = [await scene.as('alice'), await scene.as('bob')];
  await alice.setIndex(stage, { bases: [film] });
  const packls = [await packl('a', '1.0.0')];
  await expect(bob.setIndex(stage, { volatile: true })).rejects.toMatchObject({
    code: 'PIPL_DENIED',
    exitStatus: 6,
  });
  await expect(bob.release({ index: stage, packls })).rejects.toMatchObject({ code: 'PIPL_DENIED' });
  await bob.release({ index: film, packls });
  await expect(scene.anonymous.setIndex(stage, {})).rejects.toMatchObject({
    code: 'PIPL_LOGIN_NEEDED',
    exitStatus: 5,
  });
});

test('an index cannot inherit from itself, nor from one that is not there', async () => {
  await using scene = await startScene();
  const root = await scene.as('root');
  await root.setIndex(stage, { bases: [film] });
  await expect(root.setIndex(film, { bases: [stage] })).rejects.toMatchObject({ code: 'PIPL_INDEX' });
  await expect(root.setIndex(stage, { bases: [indexName('root/none')] })).rejects.toMatchObject({
    code: 'PIPL_NO_INDEX',
  });
});

test('the mirror fetches once, keeps tarballs by content, and serves without upstream', async () => {
  const dep = await packl('tiny-dep', '1.0.0');
  await using scene = await startScene({}, [dep]);
  const read = async () => {
    const version = await get(scene, '/root/film/tiny-dep/1.0.0');
    const tarball = await scene.anonymous.tarball(film, 'tiny-dep', '1.0.0');
    return [version.json()['dist']?.['tarball'], integrityOf(tarball)];
  };
  const address = () => `${scene.registry.url}/root/film/tiny-dep/-/tiny-dep-1.0.0.tgz`;
  expect(await read()).toEqual([address(), dep.integrity]);
  const asked = scene.upstream.asked.length;
  expect(await read()).toEqual([address(), dep.integrity]);
  expect(scene.upstream.asked).toHaveLength(asked);
  expect(scene.upstream.asked.filter((path) => path.endsWith('.tgz'))).toHaveLength(1);

  await scene.upstream.stop();
  await scene.restart();
  expect(await read()).toEqual([address(), dep.integrity]);
  const missing = await get(scene, '/root/film/never-seen');
  expect([missing.status, missing.json()['code']]).toEqual([503, 'PIPL_UPSTREAM']);
});

test('a tarball that is not what upstream announced is neither served nor kept', async () => {
  const dep = await packl('tiny-dep', '1.0.0');
  const lying = { ...dep, integrity: (await packl('tiny-dep', '1.0.1')).integrity };
  await using scene = await startScene({}, [lying]);
  for (let time = 0; time < 2; time++) {
    expect((await get(scene, '/root/film/tiny-dep/-/tiny-dep-1.0.0.tgz')).status).toBe(503);
  }
  expect(scene.upstream.asked.filter((path) => path.endsWith('.tgz'))).toHaveLength(2);
});

test('an owned name is never asked upstream, although upstream has a higher version', async () => {
  await using scene = await startScene({}, [await packl('@film/bunny', '99.0.0')]);
  const alice = await scene.as('alice');
  await alice.setIndex(stage, { bases: [film] });
  await scene.publish(film, await packl('@film/bunny', '1.0.0'));
  for (const index of ['root/film', 'alice/stage']) {
    expect(await versionsOf(scene, index, '@film/bunny')).toEqual(['1.0.0']);
    expect((await get(scene, `/${index}/@film%2fbunny`)).status).toBe(200);
    expect((await get(scene, `/${index}/@film/bunny/-/bunny-99.0.0.tgz`)).status).toBe(404);
  }
  await (await scene.as('root')).withdraw(film, { name: '@film/bunny', version: '1.0.0' });
  expect((await get(scene, '/root/film/@film%2fbunny')).status).toBe(404);
  expect(scene.upstream.asked).toEqual([]);
  expect(await scene.anonymous.packls(mirror, { inherited: true })).toEqual([]);
});

test('a mirror is a plain address, and only names are asked of it', async () => {
  await using scene = await startScene();
  for (const mirrored of ['ftp://example.com', 'npm', 'https://me:secret@example.com/']) {
    const made = scene.registry.createIndex(indexName('root/other'), { mirror: mirrored });
    await expect(made).rejects.toMatchObject({
      code: 'PIPL_INDEX',
      message: expect.not.stringContaining('secret') as string,
    });
  }
  for (const path of ['..%2f..%2fsecret', '@x%2f..', 'a%3fb', '%2e%2e', 'a%23b']) {
    expect([path, (await get(scene, `/root/film/${path}`)).status]).toEqual([
      path,
      expect.toBeOneOf([400, 404]),
    ]);
  }
  expect((await get(scene, '/root/film/%zz')).json()['code']).toBe('PIPL_ADDRESS');
  expect(scene.upstream.asked).toEqual([]);
});

test('what nobody has is not found, in an index and outside of any', async () => {
  await using scene = await startScene();
  for (const path of [
    '/root/film/nothing',
    '/root/film/nothing/-/nothing-1.0.0.tgz',
    '/root/none/nothing',
    '/nothing',
    '/-/pipl/v1/nothing',
  ]) {
    expect([path, (await get(scene, path)).status]).toEqual([path, 404]);
  }
});

test('each index has the web pages, with its own address in them', async () => {
  await using scene = await startScene();
  await (await scene.as('alice')).setIndex(stage, { bases: [film] });
  await scene.publish(film, await packl('@film/bunny', '1.0.0', { description: 'a rabbit' }));
  const pages = await Promise.all(
    [1, 2, 3].flatMap(() =>
      ['root/film', 'alice/stage', 'root/npm'].map(async (index) => {
        const page = await get(scene, `/${index}/`);
        return [index, page.status, page.text.includes(`<base href="${scene.registry.url}/${index}/">`)];
      }),
    ),
  );
  expect(pages).toEqual(
    [1, 2, 3].flatMap(() => ['root/film', 'alice/stage', 'root/npm'].map((index) => [index, 200, true])),
  );

  const script = /src="([^"]+\.js)"/.exec((await get(scene, '/alice/stage/')).text)?.[1] ?? '';
  expect((await fetch(script)).status).toBe(200);
  const data = '/alice/stage/-/verdaccio/data';
  expect((await get(scene, `${data}/packages`)).json()).toMatchObject([
    { name: '@film/bunny', version: '1.0.0' },
  ]);
  expect((await get(scene, `${data}/sidebar/@film/bunny`)).json()).toMatchObject({
    latest: { description: 'a rabbit' },
  });
  expect((await get(scene, `${data}/package/readme/@film/bunny`)).text).toContain('# @film/bunny');
  expect((await get(scene, `${data}/search/bun`)).json()).toMatchObject([{ name: '@film/bunny' }]);
  expect((await get(scene, '/alice/stage/-/v1/search?text=bunny')).json()).toMatchObject({
    objects: [{ package: { name: '@film/bunny' } }],
  });
});
