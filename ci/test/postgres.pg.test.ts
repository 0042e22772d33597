/** The same waves on PostgreSQL, with several servers of one project, and a database that goes away. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { createProject, publish, runningServer, type Project } from '@pipl/project';
import { connect, type RegistryClient } from '@pipl/registry-client';
import { startCluster, type Cluster } from '../../registry/test/cluster.ts';
import { initProject } from '../src/init-project.ts';
import { eventually, generatedProject, noteText, serverCommand } from './generated-project.ts';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster();
});
afterAll(() => cluster.remove());

/** One more server of a project, on a port of its own. */
async function anotherServer({ path }: Project) {
  const [file, ...args] = serverCommand;
  const child = spawn(file!, [...args, '--project', path, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return {
    client: connect({ url: line.replace('ready ', '') }),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

const sentence = (runs: Awaited<ReturnType<RegistryClient['runs']>>) =>
  runs.map(({ task, state }) => `${task} ${state}`).toSorted();
const both = ['@gen/a succeeded', '@gen/b succeeded'];

test(
  'two servers of a project: any of them publishes, one reacts, and the other takes over',
  { timeout: 540_000 },
  async () => {
    await using production = await generatedProject(
      { a: ['@gen/seed'], b: ['@gen/a-note'] },
      { database: await cluster.database() },
    );
    const { project } = production;
    const token = (await production.asRoot()).token!;
    const { pid } = (await runningServer(project))!;
    const second = await anotherServer(project);
    const through = second.client.withToken(token);
    try {
      await production.writeSeed('1.0.0', 'one');
      const one = await publish(through, { project, folders: [production.folder('seed')] });
      expect(sentence(await production.settled(one.seq))).toEqual(both);
      // What only the first knows, the second answers too.
      expect(sentence(await second.client.runs({ change: one.seq }))).toEqual(both);

      process.kill(pid, 'SIGKILL');
      await production.writeSeed('1.1.0', 'two');
      const two = await eventually(() =>
        publish(through, { project, folders: [production.folder('seed')] }).catch((error: unknown) => {
          if ((error as { code?: string }).code === 'PIPL_SERVER_STARTING') return undefined;
          throw error;
        }),
      );
      const settled = await eventually(async () => {
        const { settledThrough } = await second.client
          .waves({ change: two.seq })
          .catch(() => ({ settledThrough: 0 }));
        return settledThrough >= two.seq ? second.client.runs({ change: two.seq }) : undefined;
      });
      expect(sentence(settled)).toEqual(both);
      const { rows } = await second.client.rows('root/PROJ' as never);
      const notes = rows.filter(({ name }) => name === '@gen/b-note');
      expect(notes.map(({ version }) => version)).toEqual(['1.0.0', '1.1.0']);
      expect(await noteText(project, notes[1]!)).toBe('@gen/b(@gen/a(two))');
    } finally {
      await second.stop();
    }
  },
);

test(
  'while the database is away requests are told so; when it is back everything goes on',
  { timeout: 540_000 },
  async () => {
    await using production = await generatedProject(
      { a: ['@gen/seed'] },
      { database: await cluster.database() },
    );
    await production.writeSeed('1.0.0', 'one');
    await cluster.stop();
    const away = await fetch(`${production.client.url}/-/pipl/v1/indexes`);
    expect([away.status, away.headers.get('retry-after'), await away.json()]).toMatchObject([
      503,
      expect.stringMatching(/^\d+$/),
      { code: 'PIPL_DATABASE_AWAY' },
    ]);
    await cluster.start();
    const change = await eventually(() =>
      production.publishFolders(['seed']).catch((error: unknown) => {
        if (['PIPL_SERVER_STARTING', 'PIPL_DATABASE_AWAY'].includes((error as { code: string }).code))
          return undefined;
        throw error;
      }),
    );
    expect(sentence(await production.settled(change))).toEqual(['@gen/a succeeded']);
  },
);

test(
  'a run that wants to publish while the database starts anew is waited for, and why tells how it went',
  { timeout: 540_000 },
  async () => {
    await using production = await generatedProject(
      { a: ['@gen/seed'] },
      { database: await cluster.database() },
    );
    const [gate, counts] = [join(production.path, 'gate'), join(production.path, 'counts')];
    await production.publishTask('a', '1.1.0', { parameters: { gate, counts } });
    const change = await production.publishSeed('1.0.0', 'one');
    await eventually(async () => (existsSync(counts) ? true : undefined));
    await cluster.stop();
    await writeFile(gate, '');
    const away = () => fetch(`${production.client.url}/-/pipl/v1/indexes`).catch(() => undefined);
    await eventually(async () => ((await away())?.status === 503 ? true : undefined));
    await cluster.start();

    const runs = await production.settled(change);
    expect(runs.map(({ state }) => state)).toEqual(['succeeded']);
    expect(await readFile(counts, 'utf8')).toBe('@gen/a\n');
    expect((await production.rows()).filter(({ name }) => name === '@gen/a-note')).toHaveLength(1);
    const { lines } = await production.client.why({ subject: '@gen/a' });
    expect(lines.join('\n')).toMatch(/^@gen\/a ran .*@gen\/seed/);
  },
);

test('a database that holds a project is not taken for another, and an address with a password is refused', async () => {
  const temp = await mkdtemp(join(tmpdir(), 'pipl-taken-'));
  onTestFinished(() => rm(temp, { recursive: true, force: true }));
  const database = await cluster.database();
  let made = 0;
  const init = async (address: string) => {
    const project = join(temp, String((made += 1)));
    await mkdir(join(project, 'system'), { recursive: true });
    await writeFile(join(project, '.pipl'), '{}');
    await writeFile(join(project, 'system', 'server.json'), JSON.stringify({ port: 0, database: address }));
    await initProject({ project });
  };
  await init(database);
  await expect(init(database)).rejects.toMatchObject({ code: 'PIPL_DATABASE_TAKEN' });
  const nowhere = database.replace(/[^/]*$/, 'nowhere');
  await expect(init(nowhere)).rejects.toMatchObject({ code: 'PIPL_DATABASE_REFUSED', exitStatus: 6 });
  const secret = database.replace('pipl@', 'pipl:secret@');
  await expect(
    createProject({ path: join(temp, 'p'), serverCommand, database: secret }),
  ).rejects.toMatchObject({
    code: 'PIPL_DATABASE_ADDRESS',
  });
}, 540_000);
