/** Pauses and the storm breaker on a real server: who may, what waits, and what runs when somebody has looked. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { indexName, type PiplError } from '@pipl/packl';
import type { RegistryClient } from '@pipl/registry-client';
import { eventually, generatedProject, type GeneratedProject } from './generated-project.ts';

const proj = indexName('root/PROJ');
const limits = { startsInAnHour: 3, runsInAWave: 50 };
let production: GeneratedProject;
let root: RegistryClient;
let alice: RegistryClient;

beforeAll(async () => {
  production = await generatedProject({ a: ['@gen/seed'], b: ['@gen/a-note'] });
  await production.stop();
  const file = join(production.project.path, '.pipl');
  const settings = JSON.parse(await readFile(file, 'utf8')) as object;
  await writeFile(file, JSON.stringify({ ...settings, runs: { limits } }));
  await production.start();
  root = await production.asRoot();
  await root.setUser('alice', { password: 'alice' });
  const { token } = await production.client.login({ user: 'alice', password: 'alice' });
  alice = production.client.withToken(token);
}, 540_000);
afterAll(() => production[Symbol.asyncDispose]());

const codeOf = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => 'done',
    ({ code }: PiplError) => code,
  );
const ran = async (change: number): Promise<string[]> =>
  (await production.settled(change)).map(({ task, state }) => `${task} ${state}`);

test('an index is stopped by whoever owns it; a task by any user, and by nobody who is not one', async () => {
  expect(await codeOf(alice.pause({ index: proj }))).toBe('PIPL_DENIED');
  expect(await codeOf(alice.pause({}))).toBe('PIPL_DENIED');
  expect(await codeOf(production.client.pause({ task: '@gen/a' }))).toBe('PIPL_LOGIN_NEEDED');
  expect(await codeOf(root.pause({ index: indexName('root/nowhere') }))).toBe('PIPL_NO_INDEX');
  expect((await root.pauses()).pauses).toEqual([]);

  await root.pause({ index: proj, reason: 'the store moves' });
  expect(await ran(await production.publishSeed('1.0.0', 'one'))).toEqual([]);
  expect((await alice.why({ subject: '@gen/a' })).lines.join('\n')).toContain('the store moves');
  // Who may stop one task does not thereby let go what the owner stopped.
  expect(await codeOf(alice.resume({ index: proj }))).toBe('PIPL_DENIED');
  expect(await codeOf(alice.resume({ task: '@gen/a' }))).toBe('PIPL_NOT_PAUSED');

  await alice.pause({ task: '@gen/b', reason: 'not before lunch' });
  expect((await root.resume({ index: proj })).removed).toMatchObject([{ index: proj, by: 'root' }]);
  const change = await production.publishSeed('1.1.0', 'two');
  expect(await ran(change)).toContain('@gen/a succeeded');
  expect((await root.runs({ task: '@gen/b' })).length).toBe(0);
  await alice.resume({ task: '@gen/b' });
  await production.run('b', ['succeeded']);
}, 540_000);

test('a task that is started too often is paused by pipl until somebody has looked', async () => {
  let change = 0;
  for (let version = 2; (await root.pauses()).pauses.length === 0; version += 1) {
    expect(version).toBeLessThan(8);
    change = await production.publishSeed(`1.${version}.0`, `storm ${version}`);
    await production.settled(change);
  }
  const starts = await root.runs({ task: '@gen/a' });
  expect(starts).toHaveLength(limits.startsInAnHour);
  const { pauses } = await root.pauses();
  expect(pauses[0]).toMatchObject({ task: '@gen/a', index: proj, by: 'pipl' });
  expect((await root.why({ subject: '@gen/a' })).lines.join('\n')).toContain(
    'it was started 3 times within an hour',
  );
  // A server that comes back has not looked.
  await production.stop();
  await production.start();
  expect((await root.pauses()).pauses).toEqual(pauses);
  await alice.resume({ task: '@gen/a' });
  await eventually(async () =>
    (await root.runs({ task: '@gen/a' })).length > limits.startsInAnHour ? true : undefined,
  );
}, 540_000);
