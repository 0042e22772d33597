/** Releases of runs: what their tokens may, how often, and what the feed says of them. */
import { expect, test } from 'vitest';
import { indexName } from '@pipl/packl';
import { connect } from '@pipl/registry-client';
import { film, packl, refusal, startScene } from './scene.ts';

const attempt = `${'0'.repeat(32)}.1`;
const frames = (version: string, content = '') =>
  packl('@film/frames', version, {
    content,
    pipl: {
      kind: 'product',
      type: '@film/pipeline/products#Frames',
      assets: {},
      made: { by: '@film/render@1.0.0', run: attempt, inputs: {} },
    },
  });

test("a run's token releases what it names, where it says, once, until it is revoked", async () => {
  await using scene = await startScene();
  const grant = { attempt, index: film, packls: ['@film/frames'], expires: new Date(Date.now() + 60_000) };
  const run = connect({ url: scene.registry.url, token: await scene.registry.issueRunToken(grant) });
  const made = await frames('1.0.0');
  const release = { index: film, packls: [made], run: attempt };

  expect(await refusal(run.release({ ...release, packls: [await packl('other', '1.0.0')] }))).toBe(
    'PIPL_DENIED',
  );
  const other = indexName('root/other');
  await (await scene.as('root')).setIndex(other, {});
  expect(await refusal(run.release({ ...release, index: other }))).toBe('PIPL_DENIED');
  expect(await refusal(run.release({ ...release, run: 'another.1' }))).toBe('PIPL_DENIED');
  expect(await refusal((await scene.as('root')).release(release))).toBe('PIPL_DENIED');
  expect(await refusal(run.deprecate(film, { name: '@film/frames', version: '1.0.0', message: 'x' }))).toBe(
    'PIPL_DENIED',
  );
  expect(await refusal(run.setUser('mallory', { password: 'x' }))).toBe('PIPL_DENIED');

  const first = await run.release(release);
  const head = await scene.registry.feed.head();
  expect(await run.release(release)).toEqual(first);
  expect(await scene.registry.feed.head()).toBe(head);
  expect(await refusal(run.release({ ...release, packls: [await frames('1.0.0', 'other')] }))).toBe(
    'PIPL_RUN_RELEASED',
  );
  const { changes } = await scene.registry.feed.read(head - 2);
  expect(changes).toMatchObject([
    { op: 'publish', name: '@film/frames', by: `run:${attempt}`, run: attempt },
    {
      op: 'run',
      name: '@film/render',
      version: '1.0.0',
      run: attempt,
      outcome: {
        published: [{ name: '@film/frames', version: '1.0.0', integrity: expect.any(String) }],
        unchanged: [],
      },
    },
  ]);

  await scene.registry.revokeRunTokens(attempt);
  expect(await refusal(run.release(release))).toBe('PIPL_TOKEN');
});

test("an expired run's token is refused", async () => {
  await using scene = await startScene();
  const grant = { attempt, index: film, packls: ['@film/frames'], expires: new Date(Date.now() - 1) };
  const run = connect({ url: scene.registry.url, token: await scene.registry.issueRunToken(grant) });
  expect(await refusal(run.release({ index: film, packls: [await frames('1.0.0')], run: attempt }))).toBe(
    'PIPL_TOKEN',
  );
});

test('a run whose products came out unchanged is in the feed too', async () => {
  const unchanged = [{ name: '@film/frames', version: '1.0.0', candidate: '1.0.1' }];
  await using scene = await startScene({ guard: { check: () => Promise.resolve({ unchanged }) } });
  const grant = { attempt, index: film, packls: ['@film/frames'], expires: new Date(Date.now() + 60_000) };
  const run = connect({ url: scene.registry.url, token: await scene.registry.issueRunToken(grant) });
  const release = { index: film, packls: [await frames('1.0.1')], run: attempt };
  const first = await run.release(release);
  expect(first).toMatchObject({ published: [], unchanged: [{ name: '@film/frames', version: '1.0.0' }] });
  expect(await run.release(release)).toEqual(first);
  expect((await scene.registry.feed.read(first.seq - 1)).changes).toMatchObject([
    { op: 'run', name: '@film/render' },
  ]);
});

test('what a run made is shown in another index in the name of a run that need not be: the same bytes, once', async () => {
  await using scene = await startScene();
  const { registry } = scene;
  const stage = indexName('root/stage');
  await registry.createIndex(stage, { bases: [film] });
  const expires = new Date(Date.now() + 60_000);
  const grant = { attempt, index: stage, packls: ['@film/frames'], expires };
  const run = connect({ url: registry.url, token: await registry.issueRunToken(grant) });
  const made = await frames('1.0.0');
  await run.release({ index: stage, packls: [made], run: attempt });
  const { integrity } = (await registry.row(stage, '@film/frames', '1.0.0'))!;

  const second = `${'0'.repeat(32)}.2`;
  const product = { name: '@film/frames', version: '1.0.0', integrity };
  const asked = {
    attempt: second,
    index: film,
    task: { name: '@film/render', version: '1.0.0', integrity: '' },
    reference: { index: stage, attempt, products: [product] },
  };
  const other = { ...asked.reference, products: [{ ...product, integrity: 'sha512-other' }] };
  expect(await refusal(registry.refer({ ...asked, reference: other }))).toBe('PIPL_REFERENCE_GONE');
  await registry.refer(asked);
  const head = await registry.feed.head();
  await registry.refer(asked);
  expect(await registry.feed.head()).toBe(head);

  expect(await registry.row(film, '@film/frames', '1.0.0')).toMatchObject({ integrity });
  const { changes } = await registry.feed.read(head - 2);
  expect(changes).toMatchObject([
    { op: 'promote', index: film, name: '@film/frames', run: second, origin: { index: stage, integrity } },
    { op: 'run', name: '@film/render', run: second, outcome: { published: [product], unchanged: [] } },
  ]);
  const again = { ...asked, attempt: `${'0'.repeat(32)}.3` };
  expect(await refusal(registry.refer(again))).toBe('PIPL_VERSION_TAKEN');
});
