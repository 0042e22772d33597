/** Every error: its exit status, three lines on stderr, nothing on stdout, and no trace of a half-done thing. */
import { createServer } from 'node:net';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ended, errorOf, type Film, hashOf, makeFilm, type RunOptions } from './film.ts';

let film: Film;
let workspace: string;
beforeAll(async () => {
  film = await makeFilm();
  workspace = join(film.project, 'workspaces', 'film');
});
afterAll(() => film[Symbol.asyncDispose]());

const render = {
  dependencies: {},
  exports: { './render': './render.js' },
  pipl: { kind: 'code', productTypes: { Model: './render#Model' }, taskTypes: { Render: './render#Render' } },
};
const task = (more: { dependencies?: object; inputs?: object; products?: object }) => ({
  dependencies: { '@film/pipeline': '^1.0.0', ...more.dependencies },
  pipl: {
    kind: 'task',
    type: '@film/pipeline/render#Render',
    inputs: more.inputs ?? {},
    products: more.products ?? {},
  },
});

/** Runs what must be refused, and checks the form that every error has. */
async function refused(args: readonly string[], status: number, options: RunOptions = {}): Promise<string[]> {
  const before = hashOf(film.folder);
  const ended = await film.pipl(args, options);
  const lines = errorOf(ended);
  expect({ status: ended.status, out: ended.out, lines: lines.length, err: ended.err }).toMatchObject({
    status,
    out: '',
    lines: 3,
  });
  expect(lines[0]).toMatch(/^error: \S/);
  expect(lines[1]).toMatch(/^ {2}why: \S/);
  expect(lines[2]).toMatch(/^ {2}fix: \S/);
  expect(hashOf(film.folder)).toBe(before);
  return lines;
}

const publish = async (...folders: string[]): Promise<Ended> => {
  const ended = await film.pipl(['packl', 'publish', ...folders], { cwd: workspace });
  expect(ended.err).not.toContain('error:');
  return ended;
};

test('an unknown command (2) says which one was meant', async () => {
  const lines = await refused(['pakcl', 'show'], 2);
  expect(lines).toEqual([
    'error: There is no command "pipl pakcl".',
    '  why: Did you mean "pipl packl"?',
    '  fix: See pipl help',
  ]);
  expect((await refused(['proj', 'user', 'lst'], 2))[1]).toContain('pipl proj user list');
  expect((await refused(['packl', 'bump', 'patch', '--messge', 'x'], 2))[1]).toContain('--message');
});

test('no project, no packl, no run (3)', async () => {
  expect((await refused(['proj', 'status'], 3, { cwd: film.folder }))[0]).toContain('no project');
  expect((await refused(['packl', 'bump', 'patch'], 3, { cwd: workspace }))[0]).toContain('no packl');
  expect((await refused(['logs', 'nothing'], 3, { cwd: workspace }))[0]).toContain('no run nothing');
});

test('a type that is not there (3) names those that are', async () => {
  const folder = film.packl('@film/pipeline', render, { 'render.js': 'export const Render = 1, Model = 2;' });
  await publish(folder);
  const lines = await refused(['packl', 'create', '@film/comp', '--type', '@film/pipeline#Comp'], 3, {
    cwd: workspace,
  });
  expect(lines[0]).toContain('@film/pipeline#Comp');
  expect(lines[1]).toContain('@film/pipeline#Render');

  const wrong = film.packl('@film/wrong', {
    ...task({}),
    pipl: { ...task({}).pipl, type: '@film/pipeline/render#Comp' },
  });
  expect((await refused(['packl', 'publish', wrong], 3, { cwd: workspace }))[1]).toContain(
    '@film/pipeline#Render',
  );
});

test('a version published twice (4)', async () => {
  const folder = film.packl('@film/once', { pipl: { kind: 'code' } });
  await publish(folder);
  const lines = await refused(['packl', 'publish', folder], 4, { cwd: workspace });
  expect(lines[0]).toBe('error: @film/once@1.0.0 is already published in root/PROJ.');
  expect(lines[2]).toContain('pipl packl bump');
});

test('one packl of a release that is not right keeps the others back', async () => {
  const good = film.packl('@film/good', { pipl: { kind: 'code' } });
  const taken = film.packl('@film/once', { pipl: { kind: 'code' } });
  await refused(['packl', 'publish', good, taken], 4, { cwd: workspace });
  const { json } = await film.pipl(['proj', 'index', 'list', '--json'], { cwd: workspace });
  expect((json.data as { name: string }[]).map(({ name }) => name)).not.toContain('@film/good');
});

test('a project inside a project, or where something is (4)', async () => {
  expect((await refused(['proj', 'create', join(film.project, 'inner')], 4))[1]).toContain(film.project);
  mkdirSync(join(film.folder, 'full/of'), { recursive: true });
  await refused(['proj', 'create', join(film.folder, 'full')], 4);
});

test('a wrong password (5), and nothing is saved', async () => {
  const lines = await refused(['login', 'root', '--password-stdin'], 5, {
    cwd: film.project,
    input: 'wrong\n',
  });
  expect(lines[0]).toContain('root');
  await refused(['proj', 'user', 'add', 'wrong', 'ann', 'a', 'ann@x'], 5, { cwd: film.project });
  await refused(['proj', 'index', 'create', 'root/x'], 5, {
    cwd: film.project,
    env: { PIPL_TOKEN: 'pipl_no.such' },
  });
});

test('a folder that cannot be written (6)', async () => {
  const open = mkdtempSync(join(tmpdir(), 'pipl-denied-'));
  try {
    mkdirSync(join(open, 'closed'));
    chmodSync(open, 0o755);
    chmodSync(join(open, 'closed'), 0o555);
    chmodSync(film.folder, 0o755);
    // Root may write anywhere: be somebody else, where we are root.
    const as =
      process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];
    const lines = await refused(['proj', 'create', join(open, 'closed', 'film')], 6, { as, cwd: open });
    expect(lines[1]).toContain('permissions');
    expect(readdirSync(join(open, 'closed'))).toEqual([]);
  } finally {
    rmSync(open, { recursive: true, force: true });
  }
});

test('work in progress, a missing entry, a link as a dependency (7)', async () => {
  const wip = film.packl('@film/wip', { version: '0.0.1-wip.0', pipl: { kind: 'code' } });
  expect((await refused(['packl', 'publish', wip], 7, { cwd: workspace }))[2]).toContain('pipl packl bump');
  const entry = film.packl('@film/entry', { exports: {}, pipl: { kind: 'code', taskTypes: { A: './a#A' } } });
  expect((await refused(['packl', 'publish', entry], 7, { cwd: workspace }))[0]).toContain('declares A');
  const link = film.packl('@film/link', { dependencies: { other: 'workspace:*' }, pipl: { kind: 'code' } });
  expect((await refused(['packl', 'publish', link], 7, { cwd: workspace }))[0]).toContain('workspace:*');
  const kind = film.packl('@film/kind', { pipl: { kind: 'sculpture' } });
  expect((await refused(['packl', 'publish', kind], 7, { cwd: workspace }))[1]).toContain('kind');
});

test('a template in an extension that cannot be run (7) is refused before it is published', async () => {
  const template = [
    'specificationVersion: jobtemplate-2023-09',
    'extensions: [TELEPORT]',
    'name: a',
    'steps: [{ name: s, script: { actions: { onRun: { command: echo, args: [hello] } } } }]',
  ].join('\n');
  const folder = film.packl('@film/teleport', { pipl: { kind: 'code' } }, { 'render.job.yaml': template });
  expect((await refused(['packl', 'publish', folder], 7, { cwd: workspace }))[1]).toContain('TELEPORT');
});

test('a bad template (7) is told with its place', async () => {
  const template = 'specificationVersion: jobtemplate-2023-09\nname: a\nsteps: []\n';
  const folder = film.packl('@film/bad', { pipl: { kind: 'code' } }, { 'render.job.yaml': template });
  const lines = await refused(['packl', 'publish', folder], 7, { cwd: workspace });
  expect(lines[0]).toContain('render.job.yaml');
  expect(lines[1]).toContain('at least one step');
});

test('tasks that wait for each other (7)', async () => {
  const one = film.packl(
    '@film/egg',
    task({
      dependencies: { '@film/hen-out': '^1.0.0' },
      inputs: { model: '@film/hen-out' },
      products: { frames: '@film/egg-out' },
    }),
  );
  const other = film.packl(
    '@film/hen',
    task({
      dependencies: { '@film/egg-out': '^1.0.0' },
      inputs: { model: '@film/egg-out' },
      products: { frames: '@film/hen-out' },
    }),
  );
  const lines = await refused(['packl', 'publish', one, other], 7, { cwd: workspace });
  expect(lines.join(' ')).toContain('@film/hen');
  const { json } = await film.pipl(['proj', 'index', 'list', '--json'], { cwd: workspace });
  expect(JSON.stringify(json.data)).not.toContain('@film/egg');
});

test('a range that nothing satisfies (11) says what there is, and where', async () => {
  const folder = film.packl('@film/wants', { pipl: { kind: 'code' } });
  const lines = await refused(['packl', 'add', '@film/once@^7.0.0'], 11, { cwd: folder });
  expect(lines[0]).toBe('error: Nothing in root/PROJ satisfies @film/once@^7.0.0.');
  expect(lines[1]).toBe('  why: It has 1.0.0.');
});

test('with --json an error is one document, and the status the same', async () => {
  const ended = await film.pipl(['packl', 'bump', 'patch', '--json'], { cwd: workspace });
  expect(ended.status).toBe(3);
  expect(ended.json).toMatchObject({ ok: false, error: { code: 'PIPL_NO_PACKL', kind: 'notFound' } });
  expect(ended.err).toBe('');
});

test('a port in use (4), then a server that is down (8)', async () => {
  await using other = await makeFilm({ start: false });
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  const file = join(other.project, 'system/server.json');
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), port }));
  for (const mode of [['--detach'], []]) {
    const ended = await other.pipl(['proj', 'start', ...mode], { cwd: other.project });
    expect({ status: ended.status, out: ended.out }).toEqual({ status: 4, out: '' });
    expect(errorOf(ended)).toHaveLength(3);
    expect(errorOf(ended)[0]).toContain(String(port));
  }
  taken.close();
  const down = await other.pipl(['proj', 'user', 'list'], { cwd: other.project });
  expect({ status: down.status, out: down.out }).toEqual({ status: 8, out: '' });
  expect(errorOf(down)[2]).toContain('pipl proj start');
});
