/** Runs that are under way: followed, counted, stopped, lost with their runner, and found again by the next server. */
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { PiplError } from '@pipl/packl';
import type { RegistryClient, RunView } from '@pipl/registry-client';
import { openDatabase } from '@pipl/registry';
import { openLedger } from '../src/ledger.ts';
import { decide, load, loadProjection } from '../src/step/index.ts';
import { eventually, generatedProject, type GeneratedProject } from './generated-project.ts';

const lines = 20_000; // more than one piece of a log

/** A production whose only task has begun and waits for a file. */
async function waitingAtTheGate(production: GeneratedProject, more: { lines?: number } = {}) {
  const gate = join(production.path, 'gate');
  await production.publishTask('a', '1.1.0', { parameters: { gate, ...more } });
  const change = await production.publishSeed('1.0.0', 'one');
  const run = await eventually(async () => {
    const [first] = await production.client.runs({ change });
    return first?.firstActionAt === undefined ? undefined : first;
  });
  return { run, change, open: () => writeFile(gate, '') };
}

const folderOf = ({ project }: GeneratedProject, { attempt }: RunView): string =>
  join(project.system, 'runs', attempt);
const runnerOf = async (production: GeneratedProject, run: RunView): Promise<number> =>
  (JSON.parse(await readFile(join(folderOf(production, run), 'status.json'), 'utf8')) as { pid: number }).pid;
const refusal = (asked: Promise<unknown>): Promise<PiplError> =>
  asked.then(
    () => expect.fail('It was not refused.'),
    (error: PiplError) => error,
  );
const single = { a: ['@gen/seed'], b: ['@gen/a-note'] };

test('a run whose runner is killed is lost, tried again, and publishes once', async () => {
  await using production = await generatedProject(single);
  const { run, change, open } = await waitingAtTheGate(production);
  process.kill(await runnerOf(production, run), 'SIGKILL');
  await open();
  const runs = await production.settled(change);
  expect(runs.map(({ task, state }) => `${task} ${state}`)).toEqual([
    '@gen/a lost',
    '@gen/a succeeded',
    '@gen/b succeeded',
  ]);
  expect(runs[0]).toMatchObject({ attempt: run.attempt, reason: expect.stringContaining('SIGKILL') });
  const { lines: told } = await production.client.why({ subject: run.attempt });
  expect(told[0]).toContain('SIGKILL');
  expect(told).toContain(
    `  The task was tried again on the same inputs: ticket ${runs[1]!.attempt} (succeeded).`,
  );
  expect((await production.rows()).filter(({ name }) => name === '@gen/a-note')).toHaveLength(1);
}, 540_000);

test('a user cancels a run; nobody else may, and the task waits for a retry', async () => {
  await using production = await generatedProject(single);
  const { run, open } = await waitingAtTheGate(production);
  const url = `${production.client.url}/-/pipl/v1/runs/${run.attempt}/cancel`;
  const answer = await fetch(url, { method: 'POST' });
  expect([answer.status, await answer.json()]).toMatchObject([401, { code: 'PIPL_LOGIN_NEEDED' }]);

  const root = await production.asRoot();
  await root.cancelRun(run.attempt);
  const ended = await eventually(async () => {
    const log = await production.client.runLog(run.attempt);
    return log.ended ? await production.client.run(run.attempt) : undefined;
  });
  expect(ended).toMatchObject({ state: 'canceled', products: [] });
  expect((await production.client.why({ subject: '@gen/a' })).lines.join('\n')).toContain('cancelled');

  await open();
  await root.retryTask('@gen/a');
  await production.run('b', ['succeeded']);
}, 540_000);

test('the log of a run comes in pieces of whole lines until it has ended, a torn last line included', async () => {
  await using production = await generatedProject(single);
  const { run, change, open } = await waitingAtTheGate(production, { lines });
  const { client } = production;
  const pieces: string[] = [];
  let from = 0;
  for (;;) {
    const { text, next, ended } = await client.runLog(run.attempt, { from, wait: 5 });
    expect(next).toBe(from + Buffer.byteLength(text));
    expect(text).toMatch(/^(?:.*\n)*$/);
    pieces.push(text);
    from = next;
    if (ended) break;
    if (text.includes(`line ${lines}"`)) await open();
  }
  expect(pieces.length).toBeGreaterThan(3);
  expect(pieces.join('').match(/"line \d+"/g)).toHaveLength(lines);
  expect(await client.runLog(run.attempt, { from, wait: 5 })).toEqual({ text: '', next: from, ended: true });

  // What a runner leaves that was killed while it wrote: nobody finishes the last line.
  const torn = `{"text":"${'x'.repeat(600_000)}"}\n{"te`;
  await writeFile(join(folderOf(production, run), 'log.ndjson'), torn);
  expect(await client.runLog(run.attempt)).toEqual({ text: torn, next: torn.length, ended: true });

  // As if it had been cancelled before it had a folder.
  await production.settled(change);
  await rename(folderOf(production, run), join(production.path, 'gone'));
  expect(await client.runLog(run.attempt)).toEqual({ text: '', next: 0, ended: true });
}, 540_000);

test('runs and waves are found by change, wave, task and number, and bad questions are refused', async () => {
  await using production = await generatedProject(single);
  const { client } = production;
  const one = await production.publishSeed('1.0.0', 'one');
  const first = await production.settled(one);
  const two = await production.publishSeed('1.1.0', 'two');
  await production.settled(two);
  const names = (runs: readonly RunView[]) => runs.map(({ task, wave }) => `${task} ${wave}`);
  const { wave } = first[0]!;

  expect(names(first)).toEqual([`@gen/a ${wave}`, `@gen/b ${wave}`]);
  expect(names(await client.runs({ wave }))).toEqual(names(first));
  expect(names(await client.runs({ task: '@gen/b' }))).toEqual([`@gen/b ${wave + 1}`, `@gen/b ${wave}`]);
  expect(names(await client.runs({ limit: 1 }))).toEqual([`@gen/b ${wave + 1}`]);
  expect(await client.runs({ change: 9999 })).toEqual([]);
  expect((await client.waves({ limit: 1 })).waves).toMatchObject([{ id: wave + 1, state: 'closed' }]);
  expect((await client.waves({ change: one })).waves).toMatchObject([{ id: wave, cause: { seq: one } }]);

  const bad = ['runs?limit=x', 'runs?change=-1', 'runs?wave=1.5', 'runs?limit=', 'waves?limit=9e99', 'why'];
  for (const query of bad) {
    const answer = await fetch(`${client.url}/-/pipl/v1/${query}`);
    expect([query, answer.status, await answer.json()]).toMatchObject([query, 400, { code: 'PIPL_USAGE' }]);
  }
  const unknown = [client.run('nobody.1'), client.runLog('../../x'), client.runLog('nobody.1')];
  for (const asked of unknown) expect(await refusal(asked)).toMatchObject({ code: 'PIPL_RUN_UNKNOWN' });
  expect((await fetch(`${client.url}/-/pipl/v1/runs/nobody.1`)).status).toBe(404);
}, 540_000);

test('a server stops at once though somebody waits for a log; what it never submitted, the next one does', async () => {
  await using production = await generatedProject(single);
  const { run, change, open } = await waitingAtTheGate(production);
  const runner = await runnerOf(production, run);
  const { next } = await production.client.runLog(run.attempt);
  const waiting = production.client.runLog(run.attempt, { from: next, wait: 30 }).catch(() => undefined);
  await production.client.status();
  const began = performance.now();
  await production.stop();
  // Whoever waits for the log waits for thirty.
  expect(performance.now() - began).toBeLessThan(25_000);
  await waiting;

  // As if it had died between its commit and the submit.
  process.kill(runner, 'SIGKILL');
  await open();
  await rm(folderOf(production, run), { recursive: true });
  await production.start();
  const runs = await production.settled(change);
  expect(runs.map(({ attempt, state }) => [attempt, state])[0]).toEqual([run.attempt, 'succeeded']);
  expect(runs).toHaveLength(2);
}, 540_000);

test('a cancel that was decided and never done is done by the next server', async () => {
  await using production = await generatedProject(single);
  const { run } = await waitingAtTheGate(production);
  const shown = await contents(production.client);
  await production.kill();
  await decideCancel(production, run, shown);
  await production.start();
  const log = () => production.client.runLog(run.attempt);
  await eventually(async () => ((await log()).ended ? true : undefined));
  expect((await production.client.run(run.attempt)).state).toBe('canceled');
}, 540_000);

async function contents(client: RegistryClient) {
  const { rows, tags } = await client.rows('root/PROJ' as never);
  return { rows, tags, indexes: await client.indexes(), handlers: ['root/PROJ' as never], unseen: [] };
}

/** What a server does that dies between its commit and what follows from it. */
async function decideCancel(
  { project }: GeneratedProject,
  { attempt }: RunView,
  shown: Parameters<typeof loadProjection>[0],
): Promise<void> {
  const db = await openDatabase(join(project.system, 'db', 'pipl.sqlite'));
  const ledger = openLedger(db);
  const state = load(await ledger.load(), loadProjection(shown));
  const { writes } = decide(state, { is: 'cancel', attempt, at: new Date().toISOString() });
  await ledger.commit(writes, () => undefined);
  await db.destroy();
}
