/** A server starts once for each project, on a project it understands, and says plainly why it does not. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openDatabase } from '@pipl/registry';
import { indexName, type ErrorBody } from '@pipl/packl';
import { runningServer } from '@pipl/project';
import { initProject } from '../src/init-project.ts';
import { readProject } from '../src/project-file.ts';
import { releaseGuard } from '../src/guard.ts';
import { lockProject } from '../src/project-lock.ts';
import { migrate } from '../src/tables.ts';
import { generatedProject, sourceServer } from './generated-project.ts';

/** The server's command until it ends by itself. */
async function refused(...args: string[]): Promise<{ status: number; error: ErrorBody }> {
  const [file, ...first] = sourceServer;
  const child = spawn(file!, [...first, ...args], { stdio: ['ignore', 'ignore', 'pipe'], timeout: 300_000 });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [status] = (await once(child, 'close')) as [number];
  return { status, error: JSON.parse(stderr.trim().split('\n').at(-1) ?? '') as ErrorBody };
}

async function folder(files: Readonly<Record<string, string>>) {
  const path = await mkdtemp(join(tmpdir(), 'pipl-start-'));
  await mkdir(join(path, 'system'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

test('a second server of a project is refused, told who has it, and harms nothing', async () => {
  await using production = await generatedProject({ a: ['@gen/seed'] });
  const { path } = production.project;
  const { pid } = (await runningServer(production.project))!;
  for (const args of [['--port', '0'], ['--init']]) {
    expect(await refused('--project', path, ...args)).toMatchObject({
      status: 4,
      error: {
        code: 'PIPL_PROJECT_IN_USE',
        kind: 'conflict',
        why: expect.stringContaining(`Process ${pid} `),
      },
    });
  }
  expect((await runningServer(production.project))?.pid).toBe(pid);

  // Killed, it leaves nothing in the way of the next ones, of which again one comes up.
  await production.kill();
  const ends = await Promise.allSettled(Array.from({ length: 4 }, () => production.start()));
  expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  await production.settled(await production.publishSeed('1.0.0', 'one'));
  expect(await production.client.runs()).toMatchObject([{ task: '@gen/a', state: 'succeeded' }]);
}, 540_000);

test('the lock is free again once it was released', async () => {
  await using project = await folder({});
  const first = await lockProject(project.path, 'alone');
  await expect(lockProject(project.path, 'alone')).rejects.toMatchObject({ code: 'PIPL_PROJECT_IN_USE' });
  first.release();
  (await lockProject(project.path, 'alone')).release();
}, 540_000);

test('a broken project file ends the command with 7, the file and what to do', async () => {
  await using project = await folder({ '.pipl': '{ "name": ' });
  const { status, error } = await refused('--project', project.path);
  expect([status, error.code, error.kind]).toEqual([7, 'PIPL_PROJECT_FILE', 'invalid']);
  expect(error.message).toContain(join(project.path, '.pipl'));
  expect(error.hint).toContain('start the server again');
}, 540_000);

test.each([
  ['.pipl', { '.pipl': '{"handlers":{"root/PROJ":[{"kind":"spell"}]}}' }, 'handlers'],
  ['.pipl', { '.pipl': '{"handlers":{"root":[]}}' }, 'handlers.root'],
  ['server.json', { '.pipl': '# a project', 'system/server.json': '{"port":"x"}' }, 'port'],
  ['server.json', { '.pipl': '{}', 'system/server.json': '{"po' }, 'JSON'],
])('a mistake in %s of %o is named', async (file, files, entry) => {
  await using project = await folder(files);
  await expect(readProject(project.path)).rejects.toMatchObject({
    code: 'PIPL_PROJECT_FILE',
    message: expect.stringContaining(file),
    why: expect.stringContaining(entry),
    exitStatus: 7,
  });
});

test('a folder that is no project, and what is no folder, are refused', async () => {
  await using empty = await folder({ file: '' });
  expect(await refused('--project', empty.path)).toMatchObject({
    status: 3,
    error: { code: 'PIPL_NO_PROJECT' },
  });
  for (const path of [join(empty.path, 'file'), join(empty.path, 'none')])
    await expect(readProject(path)).rejects.toMatchObject({ code: 'PIPL_NO_PROJECT', exitStatus: 3 });
}, 540_000);

test.each(['ci_migrations', 'registry_migrations'])(
  'a database in which %s knows more than this server is refused, and left as it is',
  async (table) => {
    await using project = await folder({ '.pipl': '{}', 'system/server.json': '{"port":0}' });
    await initProject({ project: project.path });
    const file = join(project.path, 'system/db/pipl.sqlite');
    const db = await openDatabase(file);
    const newer = table === 'ci_migrations' ? { version: 99, at: '' } : { name: '2099-01-x', timestamp: '' };
    await db.insertInto(table).values(newer).execute();
    await db.destroy();
    const before = await readFile(file);
    expect(await refused('--project', project.path)).toMatchObject({
      status: 7,
      error: { code: 'PIPL_DATABASE', hint: expect.stringContaining('backup') },
    });
    expect(await readFile(file)).toEqual(before);
  },
);

test('migrating twice migrates once', async () => {
  const db = await openDatabase(':memory:');
  await migrate(db, '2026-01-01T00:00:00.000Z');
  await migrate(db, '2026-01-02T00:00:00.000Z');
  const done = await db.selectFrom('ci_migrations').selectAll().orderBy('version').execute();
  expect(done.map(({ version }) => version)).toEqual(done.map((_, at) => at + 1));
  expect(done.length).toBeGreaterThan(1);
  expect(new Set(done.map(({ at }) => at))).toEqual(new Set(['2026-01-01T00:00:00.000Z']));
  await db.destroy();
}, 540_000);

test('a release asked before the reactor has its state is to be tried again', async () => {
  const db = await openDatabase(':memory:');
  const question = { index: indexName('root/PROJ'), principal: { is: 'anonymous' as const }, rows: [] };
  await expect(releaseGuard(() => Promise.resolve(undefined)).check(db, question)).rejects.toMatchObject({
    code: 'PIPL_SERVER_STARTING',
    kind: 'unreachable',
    retryable: true,
  });
  await db.destroy();
}, 540_000);
