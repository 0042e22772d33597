/** Gates while the server runs: in force at once, for every server, told in the feed, and judged before they are taken. */
import { expect, test } from 'vitest';
import { indexName } from '@pipl/packl';
import { readRights } from '../src/people/groups.ts';
import { film, packl, startScene } from './scene.ts';
import { storeOf } from './state.ts';

const root = { is: 'user', name: 'root' } as const;
const stage = indexName('alice/stage');

test('a gate that is set, changed or removed counts at once, here and in another server on the same database', async () => {
  await using scene = await startScene();
  const alice = await scene.as('alice');
  const other = await storeOf(scene);
  await alice.setIndex(stage, {});
  const published = async (version: string) =>
    alice.release({ index: film, packls: [await packl('bunny', version)] }).then(
      () => 'published',
      ({ code }: { code: string }) => code,
    );
  const seenElsewhere = async () => (await readRights(other.db, other)).indexes.get(film)?.gate;
  expect(await published('1.0.0')).toBe('published');

  const view = await scene.registry.setGate(film, { checks: true, approval: ['alice'] }, root);
  expect(view.gate).toEqual({ checks: true, approval: ['alice'] });
  expect(await published('1.0.1')).toBe('PIPL_GATED');
  expect(await seenElsewhere()).toEqual({ checks: true, approval: ['alice'] });

  await alice.release({ index: stage, packls: [await packl('bunny', '1.0.1')] });
  await scene.registry.setGate(film, { approval: ['alice'], self: true }, root);
  const verdict = { kind: 'approval', result: 'approved' } as const;
  expect((await alice.judge(stage, { name: 'bunny', version: '1.0.1', verdict })).gates[film]?.open).toBe(
    true,
  );

  // What else is changed about the index leaves its gate alone.
  const client = await scene.as('root');
  expect((await client.setIndex(film, { read: [':AUTHENTICATED:'] })).gate).toBeDefined();
  await scene.registry.setGate(film, undefined, root);
  expect(await published('1.0.2')).toBe('published');
  expect(await seenElsewhere()).toBeUndefined();
});

test('a gate is a line of the feed when it is another one, and only then', async () => {
  await using scene = await startScene({ gates: { [film]: { approvals: 1 } } });
  const heads: number[] = [];
  for (const approvals of [1, 2, 2]) {
    await scene.registry.setGate(film, { approvals }, root);
    heads.push(await scene.registry.feed.head());
  }
  expect(heads[1]).toBe(heads[0]! + 1);
  expect(heads[2]).toBe(heads[1]);
  const { changes } = await scene.registry.feed.read(heads[0]!, 1);
  expect(changes).toEqual([expect.objectContaining({ op: 'index', index: film, by: 'root' })]);
});

test('what asks for the approval of nobody, or of an index that is not there, is refused; so is whoever is not root', async () => {
  await using scene = await startScene();
  await scene.as('alice');
  const refused = (gate: object, by: { is: 'user'; name: string } = root, index = film) =>
    scene.registry.setGate(index, gate, by).then(
      () => 'taken',
      ({ code }: { code: string }) => code,
    );
  expect(await refused({ approval: ['alcie'] })).toBe('PIPL_NO_USER');
  expect(await refused({ approval: [':supervisors'] })).toBe('PIPL_NO_USER');
  await (await scene.as('root')).setGroup('supervisors', ['alice']);
  expect(await refused({ approval: [':supervisors'] })).toBe('taken');
  expect(await refused({ approval: ['supervisors', 'alice', ':AUTHENTICATED:'] })).toBe('taken');
  expect(await refused({}, { is: 'user', name: 'alice' })).toBe('PIPL_DENIED');
  expect(await refused({}, root, indexName('nobody/there'))).toBe('PIPL_NO_INDEX');
});
