/** Making, changing and removing indexes: what is refused, what is recorded. */
import { expect, test } from 'vitest';
import { indexName } from '@pipl/packl';
import { film, mirror, packl, refusal, startScene } from './scene.ts';

const stage = indexName('alice/stage');
const dev = indexName('alice/dev');

test('everybody makes indexes under their own name, root under any', async () => {
  await using scene = await startScene();
  const [root, alice] = [await scene.as('root'), await scene.as('alice')];
  expect(await refusal(alice.setIndex(stage, { bases: [film], fresh: true }))).toBe('accepted');
  expect(await refusal(alice.setIndex(stage, { fresh: true }))).toBe('PIPL_INDEX_EXISTS');
  expect(await refusal(alice.setIndex(indexName('root/mine'), {}))).toBe('PIPL_DENIED');
  expect(await refusal(alice.setIndex(indexName('bob/his'), {}))).toBe('PIPL_DENIED');
  expect(await refusal(root.setIndex(indexName('bob/his'), {}))).toBe('accepted');
});

test('of several bases the first stands before the second, and the order can be changed', async () => {
  await using scene = await startScene();
  const root = await scene.as('root');
  const [one, two] = [indexName('root/one'), indexName('root/two')];
  for (const index of [one, two]) await root.setIndex(index, {});
  const [first, second] = [
    await packl('bunny', '1.0.0', { content: '1' }),
    await packl('bunny', '1.0.0', { content: '2' }),
  ];
  await scene.publish(one, first);
  await scene.publish(two, second);
  const integrity = async () => (await root.rows(stage, 'bunny')).rows.map((row) => row.integrity);
  await root.setIndex(stage, { bases: [one, two] });
  expect(await integrity()).toEqual([first.integrity]);
  await root.setIndex(stage, { bases: [two, one] });
  expect(await integrity()).toEqual([second.integrity]);
  expect(await refusal(root.setIndex(one, { bases: [stage] }))).toBe('PIPL_INDEX');
  expect(await refusal(root.setIndex(one, { bases: [one] }))).toBe('PIPL_INDEX');
  expect(await refusal(root.setIndex(one, { bases: [indexName('root/none')] }))).toBe('PIPL_NO_INDEX');
});

test('a stable index stays stable', async () => {
  await using scene = await startScene();
  const alice = await scene.as('alice');
  await alice.setIndex(dev, { volatile: true });
  await alice.setIndex(dev, { bases: [film] });
  expect((await alice.indexes()).find(({ name }) => name === dev)).toMatchObject({
    volatile: true,
    bases: [film],
  });
  await alice.setIndex(dev, { volatile: false });
  expect(await refusal(alice.setIndex(dev, { volatile: true }))).toBe('PIPL_INDEX');
});

test('an index goes when it is empty or volatile, or by force; never one that others inherit from', async () => {
  await using scene = await startScene();
  const [root, alice] = [await scene.as('root'), await scene.as('alice')];
  await alice.setIndex(stage, { bases: [film] });
  await alice.setIndex(dev, { bases: [stage], volatile: true });
  await scene.publish(stage, await packl('bunny', '1.0.0'));
  await scene.publish(dev, await packl('hare', '1.0.0'));
  const bob = await scene.as('bob');

  expect(await refusal(bob.removeIndex(dev))).toBe('PIPL_DENIED');
  expect(await refusal(scene.anonymous.removeIndex(dev))).toBe('PIPL_LOGIN_NEEDED');
  expect(await refusal(alice.removeIndex(stage, { force: true }))).toBe('PIPL_INDEX_IN_USE');
  expect(await refusal(root.removeIndex(film, { force: true }))).toBe('PIPL_INDEX_IN_USE');
  expect(await refusal(root.removeIndex(mirror))).toBe('PIPL_INDEX_IN_USE');
  expect(await alice.removeIndex(dev)).toEqual({ removed: 1 });
  expect(await refusal(alice.removeIndex(stage))).toBe('PIPL_INDEX_NOT_EMPTY');
  expect(await alice.removeIndex(stage, { force: true, message: 'the show is over' })).toEqual({
    removed: 1,
  });

  expect((await root.indexes()).map(({ name }) => name)).toEqual([film, mirror]);
  expect((await fetch(`${scene.registry.url}/${stage}/bunny`)).status).toBe(404);
  expect((await scene.registry.feed.read(0)).changes.at(-1)).toMatchObject({
    op: 'index',
    index: stage,
    by: 'alice',
    message: 'the show is over',
  });
  // What held versions is not given out again, what never did is.
  expect(await refusal(alice.setIndex(stage, {}))).toBe('PIPL_INDEX_GONE');
  const empty = indexName('alice/empty');
  await alice.setIndex(empty, {});
  expect(await alice.removeIndex(empty)).toEqual({ removed: 0 });
  expect(await refusal(alice.setIndex(empty, {}))).toBe('accepted');
  expect(await refusal(alice.removeIndex(indexName('alice/none')))).toBe('PIPL_NO_INDEX');
});
