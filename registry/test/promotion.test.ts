/** Promotion: the same bytes in another index, whose right it takes, and what a gate asks for. */
import { expect, test } from 'vitest';
import { indexName } from '@pipl/packl';
import { connect, integrityOf, type Gate, type RegistryClient } from '@pipl/registry-client';
import { blobsIn, film, packl, refusal, startScene, type Scene } from './scene.ts';

const stage = indexName('alice/stage');
const final = indexName('root/final');
const bunny = { name: '@film/bunny', version: '1.0.0' };

interface Studio extends Scene {
  readonly root: RegistryClient;
  readonly alice: RegistryClient;
  readonly bob: RegistryClient;
}

/** alice/stage holds a bunny by alice; root/final takes promotions. */
async function startStudio(gate?: Gate): Promise<Studio> {
  const scene = await startScene(gate === undefined ? {} : { gates: { [final]: gate } });
  const [root, alice, bob] = [await scene.as('root'), await scene.as('alice'), await scene.as('bob')];
  await root.setGroup('supervisors', ['bob']);
  await root.setIndex(final, { bases: [film] });
  await alice.setIndex(stage, { bases: [film] });
  await alice.release({ index: stage, packls: [await packl(bunny.name, bunny.version)] });
  return Object.assign(scene, { root, alice, bob });
}

const last = async ({ registry }: Scene) => (await registry.feed.read(0)).changes.at(-1);

test('a promoted version has the same bytes, one copy, and says where it came from', async () => {
  await using studio = await startStudio();
  const { root } = studio;
  const [before] = (await studio.registry.feed.read(0)).changes.slice(-1);
  const blobs = await blobsIn(studio);
  const tried = await root.promote(final, { packls: [{ ...bunny, from: stage }], dryRun: true });
  expect(tried).toMatchObject({ promoted: [bunny], already: [], seq: before!.seq });
  expect(await root.packls(final)).toEqual([]);
  const result = await root.promote(final, { packls: [{ ...bunny, from: stage }] });
  const { integrity } = result.promoted[0]!;
  expect(result).toMatchObject({ promoted: [{ ...bunny, from: stage, seq: before!.seq + 1 }], already: [] });
  expect(integrityOf(await root.tarball(final, bunny.name, bunny.version))).toBe(integrity);
  expect(await blobsIn(studio)).toBe(blobs);
  expect(await last(studio)).toMatchObject({
    op: 'promote',
    index: final,
    ...bunny,
    integrity,
    by: 'root',
    origin: { index: stage, seq: before!.seq, integrity, by: 'alice' },
  });

  const head = await studio.registry.feed.head();
  expect(await root.promote(final, { packls: [bunny] })).toMatchObject({
    promoted: [],
    already: [bunny],
    seq: head,
  });
  expect(await studio.registry.feed.head()).toBe(head);
  // It stays when its source goes.
  await studio.alice.withdraw(stage, bunny);
  expect(integrityOf(await root.tarball(final, bunny.name, bunny.version))).toBe(integrity);
});

test('several are promoted together or not at all', async () => {
  await using studio = await startStudio();
  const { root, alice } = studio;
  await alice.release({ index: stage, packls: [await packl('@film/hare', '1.0.0')] });
  await root.release({ index: final, packls: [await packl('@film/hare', '1.0.0', { content: 'other' })] });
  const packls = [bunny, { name: '@film/hare', version: '1.0.0', from: stage }];
  const head = await studio.registry.feed.head();
  expect(await refusal(root.promote(final, { packls }))).toBe('PIPL_VERSION_TAKEN');
  expect(await studio.registry.feed.head()).toBe(head);
  expect((await root.packls(final)).map(({ name }) => name)).toEqual(['@film/hare']);

  await alice.release({ index: stage, packls: [await packl('@film/hare', '1.0.1')] });
  const both = [bunny, { name: '@film/hare', version: '1.0.1' }];
  expect((await root.promote(final, { packls: both })).promoted).toHaveLength(2);
});

test('what is promoted is what was looked at', async () => {
  await using studio = await startStudio();
  const { root, alice } = studio;
  const dev = indexName('alice/dev');
  await alice.setIndex(dev, { volatile: true });
  const first = await packl('@film/hare', '1.0.0');
  await alice.release({ index: dev, packls: [first] });
  await alice.release({ index: dev, packls: [await packl('@film/hare', '1.0.0', { content: 'other' })] });
  const asked = { name: '@film/hare', version: '1.0.0', from: dev, integrity: first.integrity };
  expect(await refusal(root.promote(final, { packls: [asked] }))).toBe('PIPL_PROMOTE_CHANGED');

  await alice.release({ index: stage, packls: [first] });
  const { from: _, integrity: __, ...unclear } = asked;
  expect(await refusal(root.promote(final, { packls: [unclear] }))).toBe('PIPL_SEVERAL_SOURCES');
  const { promoted } = await root.promote(final, { packls: [{ ...unclear, from: stage }] });
  expect(promoted[0]?.integrity).toBe(first.integrity);
  expect(await refusal(root.promote(final, { packls: [{ ...bunny, version: '9.9.9' }] }))).toBe(
    'PIPL_NO_VERSION',
  );
  await alice.withdraw(stage, bunny);
  expect(await refusal(root.promote(final, { packls: [{ ...bunny, from: stage }] }))).toBe('PIPL_NO_VERSION');
  expect(await refusal(root.promote(indexName('root/npm'), { packls: [asked] }))).toBe('PIPL_MIRROR');
  expect(await refusal(root.promote(indexName('root/none'), { packls: [asked] }))).toBe('PIPL_NO_INDEX');
});

/** Threat 8: nobody gets more than both the asker and the handler have, and a run gets nothing. */
test('user x index x run: who gets a version into which index', async () => {
  await using studio = await startStudio();
  const { root, registry } = studio;
  const open = indexName('root/open');
  const hidden = indexName('root/hidden');
  await root.setIndex(open, { promote: [':supervisors'] });
  await root.setIndex(hidden, { read: ['root'] });
  const askers: Record<string, RegistryClient> = {
    root,
    alice: studio.alice,
    bob: studio.bob,
    anonymous: studio.anonymous,
    run: connect({
      url: registry.url,
      token: await registry.issueRunToken({
        attempt: 'a.1',
        index: open,
        packls: [bunny.name],
        expires: new Date(Date.now() + 60_000),
      }),
    }),
  };
  const outcome: Record<string, Record<string, string>> = {};
  for (const [who, client] of Object.entries(askers)) {
    const row: Record<string, string> = {};
    for (const into of [final, open, film, hidden]) {
      row[into] = await refusal(client.promote(into, { packls: [{ ...bunny, from: stage }] }));
    }
    outcome[who] = row;
  }
  const no = (code: string) => ({ [final]: code, [open]: code, [film]: code, [hidden]: code });
  expect(outcome).toEqual({
    root: no('accepted'),
    // The common index is for every user.
    alice: { ...no('PIPL_DENIED'), [film]: 'accepted', [hidden]: 'PIPL_NO_INDEX' },
    bob: { ...no('PIPL_DENIED'), [open]: 'accepted', [film]: 'accepted', [hidden]: 'PIPL_NO_INDEX' },
    anonymous: no('PIPL_LOGIN_NEEDED'),
    run: no('PIPL_DENIED'),
  });
});

test('a handler promotes with its grant, for whom the source is, and no others', async () => {
  await using studio = await startStudio();
  const { registry, root } = studio;
  const asUser = (name: string) => ({ is: 'user', name }) as const;
  const promotion = { into: final, packls: [{ ...bunny, from: stage }], handler: 'qa' };
  expect(await refusal(registry.promote(promotion, asUser('alice')))).toBe('PIPL_DENIED');
  expect(await refusal(studio.alice.setIndex(final, { handlers: [{ handler: 'qa', from: stage }] }))).toBe(
    'PIPL_DENIED',
  );
  await root.setIndex(final, {
    handlers: [
      { handler: 'qa', from: film },
      { handler: 'other', from: stage },
    ],
  });
  expect(await refusal(registry.promote(promotion, asUser('alice')))).toBe('PIPL_DENIED');

  await root.setIndex(final, { handlers: [{ handler: 'qa', from: stage }] });
  // The confused deputy: bob has no right at alice/stage, so the handler has none for him.
  expect(await refusal(registry.promote(promotion, asUser('bob')))).toBe('PIPL_DENIED');
  expect(
    await refusal(
      registry.promote(promotion, { is: 'run', attempt: 'a.1', index: stage, packls: [bunny.name] }),
    ),
  ).toBe('PIPL_DENIED');
  // A request cannot speak for a handler.
  const claimed = await fetch(`${registry.url}/-/pipl/v1/indexes/${final}/promote`, {
    method: 'POST',
    headers: { authorization: `Bearer ${studio.alice.token}` },
    body: JSON.stringify({ packls: promotion.packls, handler: 'qa' }),
  });
  expect(claimed.status).toBe(403);

  expect(await registry.promote(promotion, asUser('alice'))).toMatchObject({ promoted: [bunny] });
  expect(await last(studio)).toMatchObject({ by: 'alice', origin: { handler: 'qa', index: stage } });
});

test('a gated index takes versions of people by promotion only, products of runs directly', async () => {
  await using studio = await startStudio({});
  const { root, registry } = studio;
  expect(await refusal(root.release({ index: final, packls: [await packl('a', '1.0.0')] }))).toBe(
    'PIPL_GATED',
  );
  const token = await registry.issueRunToken({
    attempt: 'a.1',
    index: final,
    packls: ['a'],
    expires: new Date(Date.now() + 60_000),
  });
  const run = connect({ url: registry.url, token });
  expect(await refusal(run.release({ index: final, packls: [await packl('a', '1.0.0')], run: 'a.1' }))).toBe(
    'accepted',
  );
  expect(await refusal(root.promote(final, { packls: [bunny] }))).toBe('accepted');
  expect((await root.indexes()).find(({ name }) => name === final)?.gate).toEqual({});
});

test('a gate opens with its checks and approvals, for that content alone', async () => {
  await using studio = await startStudio({ checks: ['frames', 'names'], approval: ['supervisors'] });
  const { root, alice, bob, registry } = studio;
  await root.setIndex(final, { promote: [':AUTHENTICATED:'], handlers: [{ handler: 'qa', from: stage }] });
  const promoting = (client: RegistryClient) =>
    client.promote(final, { packls: [{ ...bunny, from: stage }] }).then(
      () => [],
      ({ code, problems }: { code: string; problems: string[] }) => [code, ...problems],
    );
  const check = (name: string, result: 'passed' | 'failed', handler = 'qa') =>
    registry.judge(
      { index: stage, ...bunny, verdict: { kind: 'check', check: name, result, handler } },
      { is: 'user', name: 'alice' },
    );
  const approve = (client: RegistryClient, result: 'approved' | 'retake', message?: string) =>
    client.judge(stage, {
      ...bunny,
      verdict: { kind: 'approval', result },
      ...(message === undefined ? {} : { message }),
    });

  // What does not count: a check by nobody the index trusts, an approval by nobody it asks.
  await alice.judge(stage, { ...bunny, verdict: { kind: 'check', check: 'frames', result: 'passed' } });
  await check('frames', 'passed', 'mallory');
  await approve(alice, 'approved');
  await approve(await studio.as('carol'), 'approved');
  expect(await promoting(root)).toEqual([
    'PIPL_GATE_CLOSED',
    'The check frames has not reported yet.',
    'The check names has not reported yet.',
    expect.stringContaining('1 more approval(s) needed, by supervisors'),
  ]);
  await check('frames', 'failed');
  await check('names', 'passed');
  const told = await approve(bob, 'approved', 'grade is good');
  expect(told.gates).toEqual({ [final]: { open: false, missing: ['The check frames has failed.'] } });
  expect(await last(studio)).toMatchObject({
    op: 'verdict',
    index: stage,
    ...bunny,
    by: 'bob',
    message: 'grade is good',
    verdict: { kind: 'approval', result: 'approved' },
  });
  await check('frames', 'passed');
  await approve(bob, 'retake', 'ears');
  expect(await promoting(alice)).toContain('bob wants a retake: ears.');
  await approve(bob, 'approved');

  // The same version with other content has passed nothing.
  const other = indexName('alice/other');
  await alice.setIndex(other, {});
  await alice.release({
    index: other,
    packls: [await packl(bunny.name, bunny.version, { content: 'other' })],
  });
  expect(await refusal(alice.promote(final, { packls: [{ ...bunny, from: other }] }))).toBe(
    'PIPL_GATE_CLOSED',
  );

  expect(await promoting(alice)).toEqual([]);
  expect((await alice.verdicts(stage, bunny)).map(({ by, verdict }) => `${by} ${verdict.result}`)).toEqual([
    'alice passed',
    'alice passed',
    'alice approved',
    'carol approved',
    'alice failed',
    'alice passed',
    'bob approved',
    'alice passed',
    'bob retake',
    'bob approved',
  ]);
});

test('a verdict needs a person who may see the version', async () => {
  await using studio = await startStudio();
  const { root, bob, anonymous } = studio;
  const verdict = { kind: 'approval', result: 'approved' } as const;
  expect(await refusal(anonymous.judge(stage, { ...bunny, verdict }))).toBe('PIPL_LOGIN_NEEDED');
  expect(await refusal(bob.judge(stage, { ...bunny, version: '2.0.0', verdict }))).toBe('PIPL_NO_VERSION');
  expect(
    await refusal(bob.judge(stage, { ...bunny, verdict: { kind: 'check', check: 'x', result: 'passed' } })),
  ).toBe('PIPL_DENIED');
  const wrong = { kind: 'approval', result: 'passed' } as never;
  expect(await refusal(bob.judge(stage, { ...bunny, verdict: wrong }))).toBe('PIPL_VERDICT');
  await studio.alice.setIndex(stage, { read: ['root'] });
  expect(await refusal(bob.judge(stage, { ...bunny, verdict }))).toBe('PIPL_NO_INDEX');
  expect(await refusal(bob.verdicts(stage, bunny))).toBe('PIPL_NO_INDEX');
  expect(await refusal(root.judge(stage, { ...bunny, verdict }))).toBe('accepted');
});
