/** Withdrawing: what depends on a version is told; and what nobody may publish or tag because of it. */
import { expect, test } from 'vitest';
import { indexName } from '@pipl/packl';
import { film, packl, refusal, startScene } from './scene.ts';

const stage = indexName('alice/stage');

test('withdrawing tells who gets another version now, or none, and what was made from it', async () => {
  await using scene = await startScene();
  const root = await scene.as('root');
  await root.setIndex(stage, { bases: [film] });
  const made = { by: '@film/render@1.0.0', run: `${'0'.repeat(32)}.1`, inputs: { bunny: '1.1.0' } };
  await scene.publish(
    film,
    await packl('bunny', '1.0.0'),
    await packl('bunny', '1.1.0'),
    await packl('shot', '1.0.0', { dependencies: { bunny: '^1.0.0' } }),
    await packl('exact', '1.0.0', { optionalDependencies: { bunny: '1.1.0' } }),
    await packl('old', '1.0.0', { dependencies: { bunny: '1.0.0' } }),
    await packl('bunny-like', '1.0.0', { dependencies: { bunny2: '^1.0.0' } }),
    await packl('frames', '1.0.0', { pipl: { kind: 'product', type: 'types#Frames', assets: {}, made } }),
  );
  await scene.publish(stage, await packl('movie', '2.0.0', { peerDependencies: { bunny: '>=1.0.0' } }));
  const expected = [
    { index: film, name: 'exact', version: '1.0.0', range: '1.1.0' },
    { index: film, name: 'frames', version: '1.0.0', made: true },
    { index: stage, name: 'movie', version: '2.0.0', range: '>=1.0.0', instead: '1.0.0' },
    { index: film, name: 'shot', version: '1.0.0', range: '^1.0.0', instead: '1.0.0' },
  ];
  const what = { name: 'bunny', version: '1.1.0' };
  const head = await scene.registry.feed.head();
  expect(await root.dependents(film, what)).toEqual(expected);
  expect(await scene.registry.feed.head()).toBe(head);
  expect(await root.withdraw(film, { ...what, message: 'wrong ears' })).toMatchObject({
    dependents: expected,
  });
  expect((await scene.registry.feed.read(head)).changes).toMatchObject([
    { op: 'withdraw', ...what, message: 'wrong ears' },
  ]);
  expect(await root.dependents(film, what)).toEqual([expected[1]]);
});

test('dependents in an index that the asker may not read are not told', async () => {
  await using scene = await startScene();
  const [root, alice] = [await scene.as('root'), await scene.as('alice')];
  await root.setIndex(stage, { bases: [film] });
  await root.setIndex(indexName('root/secret'), { bases: [film], read: ['root'] });
  await scene.publish(film, await packl('bunny', '1.0.0'));
  await scene.publish(
    indexName('root/secret'),
    await packl('plot', '1.0.0', { dependencies: { bunny: '1.0.0' } }),
  );
  const what = { name: 'bunny', version: '1.0.0' };
  expect((await root.dependents(film, what)).map(({ name }) => name)).toEqual(['plot']);
  expect(await alice.withdraw(film, what)).toMatchObject({ dependents: [] });
});

test('what asks for any version of an owned packl is refused', async () => {
  await using scene = await startScene();
  const root = await scene.as('root');
  await scene.publish(film, await packl('bunny', '1.0.0'));
  await root.setIndex(stage, { bases: [film] });
  const asking = async (range: string, field = 'dependencies', name = 'bunny') => {
    const shot = await packl('shot', '1.0.0', { [field]: { [name]: range } });
    return refusal(root.release({ index: stage, packls: [shot] }));
  };
  for (const range of ['*', ' * ', '', 'x']) expect(await asking(range)).toBe('PIPL_RANGE_ANY');
  expect(await asking('*', 'optionalDependencies')).toBe('PIPL_RANGE_ANY');
  const both = [await packl('a', '1.0.0', { dependencies: { b: '*' } }), await packl('b', '1.0.0')];
  expect(await refusal(root.release({ index: stage, packls: both }))).toBe('PIPL_RANGE_ANY');
  expect(await asking('*', 'dependencies', 'lodash')).toBe('accepted');
  // Nor does anybody keep the server busy with a range of spaces.
  const began = process.cpuUsage();
  const slow = await packl('slow', '1.0.0', { dependencies: { bunny: `${' '.repeat(100_000)}1` } });
  expect(await refusal(root.release({ index: stage, packls: [slow] }))).toBe('accepted');
  expect(process.cpuUsage(began).user).toBeLessThan(2_000_000);
});

test('latest is no prerelease while there are stable versions', async () => {
  await using scene = await startScene();
  const root = await scene.as('root');
  await scene.publish(film, await packl('a', '2.0.0-rc.1'));
  const tag = async (version: string, label = 'latest') => {
    const response = await fetch(`${scene.registry.url}/${film}/-/package/a/dist-tags/${label}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${root.token}` },
      body: JSON.stringify(version),
    });
    return ((await response.json()) as { code?: string }).code ?? response.status;
  };
  const tags = async () =>
    (await fetch(`${scene.registry.url}/${film}/-/package/a/dist-tags`)).json() as Promise<unknown>;
  expect(await tag('2.0.0-rc.1')).toBe(201);
  await scene.publish(film, await packl('a', '1.0.0'), await packl('a', '1.1.0'));
  // A person has set it: it holds.
  expect(await tags()).toEqual({ latest: '2.0.0-rc.1' });
  expect(await tag('1.0.0')).toBe(201);
  expect(await tags()).toEqual({ latest: '1.0.0' });
  expect((await root.packls(film))[0]?.latest).toBe('1.0.0');
  expect(await tag('2.0.0-rc.1')).toBe('PIPL_TAG_LATEST');
  expect(await tag('2.0.0-rc.1', 'next')).toBe(201);
  // Derived again when what it points to is gone.
  await root.withdraw(film, { name: 'a', version: '1.0.0' });
  expect(await tags()).toEqual({ latest: '1.1.0', next: '2.0.0-rc.1' });
});
