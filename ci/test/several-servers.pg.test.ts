/** `pipl proj start` of one project more than once, on one PostgreSQL: from its folder, and from a copy of it. */
import { randomUUID } from 'node:crypto';
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { readProject, runningServer, runServer, startServer, stopServer } from '@pipl/project';
import { connect } from '@pipl/registry-client';
import { createDatabase } from '../../registry/test/cluster.ts';
import { eventually, generatedProject, serverCommand, type GeneratedProject } from './generated-project.ts';

let production: GeneratedProject;
beforeAll(async () => {
  const cluster = inject('postgres')!;
  const name = `several_${randomUUID().replaceAll('-', '')}`;
  await createDatabase(cluster, name);
  production = await generatedProject({ a: ['@gen/seed'] }, { database: cluster.replace(/[^/]*$/, name) });
});
afterAll(() => production[Symbol.asyncDispose]());

const another = { serverCommand, port: 0 };

test('another port is another server; the port of one that runs is not; all of the folder stop together', async () => {
  const { project, client } = production;
  const first = (await runningServer(project))!;
  const again = await startServer(project, { serverCommand });
  expect(again).toEqual({ url: first.url, pid: first.pid, already: true });
  const silent = { onReady: () => undefined, onLog: () => undefined };
  await expect(runServer(project, { serverCommand, ...silent })).rejects.toMatchObject({
    code: 'PIPL_SERVER_RUNNING',
    hint: expect.stringContaining('--port'),
  });

  const second = await startServer(project, another);
  expect(second).toMatchObject({ already: false });
  expect(second.url).not.toBe(first.url);
  const { head } = await client.status();
  expect(await connect({ url: second.url }).status()).toMatchObject({ head });
  expect((await runningServer(project))!.pid).toBe(second.pid);
  // One that is told to end alone leaves the word to the other.
  process.kill(second.pid, 'SIGTERM');
  await eventually(async () => ((await runningServer(project))?.pid === first.pid ? true : undefined));

  await startServer(project, another);
  expect(await stopServer(project)).toEqual({ stopped: true, forced: false });
  expect(await runningServer(project)).toBeUndefined();
  await expect(client.status()).rejects.toMatchObject({ code: 'PIPL_SERVER_UNREACHABLE' });
  await production.start();
}, 540_000);

test('a copy of the folder has a server of its own, on the same state', async () => {
  const { project } = production;
  const first = (await runningServer(project))!;
  const folder = join(production.path, 'copy');
  await cp(project.path, folder, { recursive: true });
  const copy = await readProject(folder);
  // What was copied along says nothing about the copy.
  expect(await runningServer(copy)).toBeUndefined();
  const started = await startServer(copy, another);
  try {
    expect(started).toMatchObject({ already: false });
    const seq = await production.publishPipeline('1.1.0');
    expect((await connect({ url: started.url }).status()).head).toBeGreaterThanOrEqual(seq);
  } finally {
    await stopServer(copy);
  }
  expect((await runningServer(project))!.pid).toBe(first.pid);
}, 540_000);

test(
  'a run whose server died publishes through the one that took over, at once and in the same attempt',
  { timeout: 540_000 },
  async () => {
    const { project } = production;
    const gate = join(production.path, 'gate');
    await production.publishTask('a', '1.1.0', { parameters: { gate } });
    const change = await production.publishSeed('1.0.0', 'one');
    const { attempt } = await production.run('a', ['running']);
    const reacting = (await runningServer(project))!;
    const second = await startServer(project, another);
    const client = connect({ url: second.url });
    try {
      process.kill(reacting.pid, 'SIGKILL');
      await eventually(async () => ((await runningServer(project))?.pid === second.pid ? true : undefined));
      await writeFile(gate, '');
      // A runner that knew the first server only would ask it for a minute.
      const run = await eventually(async () => {
        const [one] = await client.runs({ change, limit: 1 }).catch(() => []);
        return one?.state === 'running' || one?.state === 'waiting' ? undefined : one;
      }, 30);
      expect(run).toMatchObject({ attempt, state: 'succeeded' });
    } finally {
      await stopServer(project);
    }
  },
);
