/** The past resolves as it did, and two runs say in what they differ. On a real server, with real runs. */
import { expect, test } from 'vitest';
import { indexName } from '@pipl/packl';
import { compare, sideOf } from '@pipl/project';
import { generatedProject } from './generated-project.ts';

const index = indexName('root/PROJ');

test('what was read at a change is told as it was then; runs differ in what differed', async () => {
  await using production = await generatedProject({ a: ['@gen/seed'], b: ['@gen/a-note'] });
  const { client } = production;
  const root = await production.asRoot();
  const one = await production.publishSeed('1.0.0', 'one');
  const [first] = await production.settled(one);
  const code = await production.publishPipeline('1.1.0');
  const [second] = await production.settled(code);
  await production.publishTask('b', '1.1.0', { parameters: { lines: 1 } });
  const two = await production.publishSeed('1.1.0', 'two');
  await production.settled(two);
  const ran = (await client.runs({ task: '@gen/b' })).map(({ attempt }) => attempt);
  const before = new Date().toISOString();
  await root.withdraw(index, { name: '@gen/seed', version: '1.1.0', message: 'wrong ears' });
  await root.deprecate(index, { name: '@gen/seed', version: '1.0.0', message: 'old' });
  await production.settled((await root.status()).head);

  const direct = async (at?: string) => {
    const { lock, seq } = await client.resolve({
      spec: '@gen/a',
      index,
      ...(at === undefined ? {} : { at }),
    });
    return {
      seq,
      seed: lock?.direct['@gen/seed'],
      pipeline: lock?.direct['@gen/pipeline'],
      hash: lock?.hash,
    };
  };
  const lockOf = async (attempt: string) => (await client.runRecord(attempt)).lock.hash;
  expect(await direct(String(one))).toMatchObject({ seed: '1.0.0', pipeline: '1.0.0', seq: one });
  expect((await direct(String(one))).hash).toBe(await lockOf(first!.attempt));
  expect((await direct(String(code))).hash).toBe(await lockOf(second!.attempt));
  expect(await direct(before)).toMatchObject({ seed: '1.1.0', pipeline: '1.1.0' });
  expect(await direct()).toMatchObject({ seed: '1.0.0', pipeline: '1.1.0' });
  expect((await client.resolve({ spec: '@gen/a', index, at: String(one - 1) })).missing).toMatchObject([
    { name: '@gen/seed' },
  ]);
  await expect(client.resolve({ spec: '@gen/a', index, at: 'soon' })).rejects.toMatchObject({
    code: 'PIPL_AT',
  });
  await expect(client.resolve({ spec: '@gen/a', index, at: '99999' })).rejects.toMatchObject({
    code: 'PIPL_AT',
  });

  const why = async (subject: string, more: object = {}) => (await client.why({ subject, ...more })).lines;
  expect((await why('@gen/a', { at: String(one) })).join()).toContain('@gen/a waits for a place to run');
  expect((await why('@gen/b', { at: String(one) })).join()).toContain('@gen/b waits for @gen/a');
  expect((await why('@gen/a', { at: String(one - 1) })).join()).toContain(
    'asks for @gen/seed ^1.0.0 and nothing',
  );
  expect((await why('@gen/a', { about: String(two) }))[0]).toContain(
    `change ${two} brought @gen/seed 1.0.0 → 1.1.0`,
  );
  expect((await why('@gen/b', { about: String(two) }))[0]).toMatch(/does not ask for @gen\/seed|brought/);
  expect((await why('@gen/a', { about: '@gen/seed' }))[0]).toBe(
    '@gen/a asks for @gen/seed ^1.0.0 and reads 1.0.0.',
  );

  const runs = compare(
    await sideOf(client, { subject: first!.attempt, index }),
    await sideOf(client, { subject: second!.attempt, index }),
  );
  expect(runs.differences).toMatchObject({
    packl: [],
    direct: [{ name: '@gen/pipeline', left: '1.0.0', right: '1.1.0' }],
    code: [{ name: '@gen/pipeline', left: '1.0.0', right: '1.1.0' }],
    environment: [],
    parameters: [],
    job: [],
    assets: [],
  });
  const b = compare(
    await sideOf(client, { subject: '@gen/b@1.0.0', index, at: String(one) }),
    await sideOf(client, { subject: '@gen/b', index }),
  );
  expect(b.unknown).toEqual(expect.arrayContaining(['environment', 'job']));
  expect(b.differences.parameters).toEqual([{ name: 'lines', right: '1' }]);
  const sides = await Promise.all(
    [ran.at(-1)!, ran[0]!].map((subject) => sideOf(client, { subject, index })),
  );
  expect(compare(sides[0]!, sides[1]!).differences).toMatchObject({
    packl: [{ name: '@gen/b', left: '1.0.0', right: '1.1.0' }],
    assets: [
      { name: 'input notes @gen/a-note text', left: expect.stringMatching(/^sha256:/) },
      { name: 'output @gen/b-note text' },
    ],
    parameters: [{ name: 'lines', right: '1' }],
  });
}, 540_000);
