/** Workspaces over their life: listed, told of, updated, removed; tasks made in them; the doctor; pages. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packTarball } from '@pipl/registry-client';
import { type Film, makeFilm } from './film.ts';
import { atHome, doneHere, piplHere } from './here.ts';

let film: Film;
let workspace: string;
beforeAll(async () => {
  film = await makeFilm();
  atHome(film);
  workspace = join(film.project, 'workspaces', 'film');
});
afterAll(() => film?.[Symbol.asyncDispose]());

const codeOf = async (args: readonly string[], cwd: string) => {
  const { status, out } = await piplHere([...args, '--json'], { cwd });
  return [status, (JSON.parse(out) as { error?: { code: string } }).error?.code];
};
const published = (name: string, version: string, more: object = {}) =>
  film.packl(name, { version, pipl: { kind: 'code' }, ...more });
const manifestIn = (folder: string) =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, Record<string, string>>;

test('workspaces of every workarea are listed, also of one outside the project', async () => {
  const away = join(film.folder, 'away');
  await doneHere(['work', 'create-area', away], { cwd: film.project });
  await doneHere('work create comp', { cwd: away });
  const listed: object[] = await doneHere('work list', { cwd: join(away, 'comp') });
  expect(listed).toMatchObject([
    { name: 'film', area: join(film.project, 'workspaces') },
    { name: 'comp', area: away, packls: 0 },
  ]);
  expect(await doneHere('work ls', { cwd: film.project })).toEqual(listed);
});

test('a workspace with work that nobody published is not removed unless that is said', async () => {
  await doneHere('work create sketch', { cwd: film.project });
  const sketch = join(film.project, 'workspaces/sketch');
  await doneHere('packl create @film/sketch', { cwd: sketch });
  expect(await codeOf(['work', 'remove', 'sketch'], film.project)).toEqual([4, 'PIPL_UNPUBLISHED']);
  await doneHere('packl bump release', { cwd: join(sketch, 'sketch') });
  await doneHere('packl publish', { cwd: join(sketch, 'sketch') });
  const state = async () => {
    const { packls }: { packls: { state: string }[] } = await doneHere('work status', { cwd: sketch });
    return packls.map((packl) => packl.state);
  };
  expect(await state()).toEqual(['published']);
  writeFileSync(join(sketch, 'sketch/src/index.ts'), 'export const lines = 3;\n');
  expect(await state()).toEqual(['edited']);
  expect(await codeOf(['work', 'remove', 'sketch'], film.project)).toEqual([4, 'PIPL_UNPUBLISHED']);
  await doneHere('work remove sketch --force', { cwd: film.project });
  expect(existsSync(sketch)).toBe(false);
  expect(await codeOf(['work', 'remove', 'sketch'], film.project)).toEqual([3, 'PIPL_NO_WORKSPACE']);
});

test(
  'work outdated, update and sync: within the ranges, and with --latest beyond them',
  { timeout: 300_000 },
  async () => {
    await doneHere(['packl', 'publish', published('@film/lib', '1.0.0')], { cwd: workspace });
    await doneHere('work create user', { cwd: film.project });
    const user = join(film.project, 'workspaces/user');
    await doneHere('packl create @film/user', { cwd: user });
    const packl = join(user, 'user');
    await doneHere('packl add @film/lib', { cwd: packl });
    expect(await doneHere('work outdated', { cwd: user })).toEqual([]);
    for (const version of ['1.1.0', '2.0.0'])
      await doneHere(['packl', 'publish', published('@film/lib', version), '--stale-ok'], { cwd: workspace });

    const row = { packl: '@film/user', name: '@film/lib', range: '^1.0.0', latest: '2.0.0' };
    expect(await doneHere('work outdated', { cwd: user })).toEqual([
      { ...row, has: '1.0.0', wanted: '1.1.0' },
    ]);
    const has = () => manifestIn(join(packl, 'node_modules/@film/lib'))['version'];
    await doneHere('work update', { cwd: user });
    expect([has(), manifestIn(packl)['dependencies']]).toEqual(['1.1.0', { '@film/lib': '^1.0.0' }]);
    const { raised }: { raised: object[] } = await doneHere('update @film/lib --latest', { cwd: user });
    expect(raised).toEqual([{ packl: '@film/user', name: '@film/lib', from: '^1.0.0', to: '^2.0.0' }]);
    expect([has(), manifestIn(packl)['dependencies']]).toEqual(['2.0.0', { '@film/lib': '^2.0.0' }]);
    await doneHere('packl log --verify', { cwd: packl });
    await doneHere('work sync', { cwd: user });
    expect(await codeOf(['work', 'update', '@film/nothing'], user)).toEqual([3, 'PIPL_NO_DEPENDENCY']);
  },
);

test('a packl becomes a task of a type, with parameters; two tasks in a workspace are warned of', async () => {
  const pipeline = film.packl(
    '@film/pipeline',
    {
      exports: { './render': './render.js' },
      pipl: {
        kind: 'code',
        productTypes: { Model: './render#Model' },
        taskTypes: { Render: './render#Render' },
      },
    },
    { 'render.js': 'export const Render = 1, Model = 2;\n' },
  );
  await doneHere(['packl', 'publish', pipeline], { cwd: workspace });
  await doneHere('work create shots', { cwd: film.project });
  const shots = join(film.project, 'workspaces/shots');
  await doneHere('packl create @film/shot', { cwd: shots });
  const made = await doneHere(
    'task create @film/shot @film/pipeline#Render --param frames=1-20 --param width=320 --param draft=true',
    { cwd: shots },
  );
  expect(made).toMatchObject({ kind: 'task', type: '@film/pipeline/render#Render' });
  const shot = manifestIn(join(shots, 'shot'));
  expect(shot['pipl']).toMatchObject({
    kind: 'task',
    parameters: { frames: '1-20', width: 320, draft: true },
  });
  expect(shot['dependencies']).toEqual({ '@film/pipeline': '^1.0.0' });
  await doneHere('packl log --verify', { cwd: join(shots, 'shot') });
  const again = ['task', 'create', '@film/shot', '@film/pipeline#Render'];
  expect(await codeOf(again, shots)).toEqual([4, 'PIPL_TASK_ALREADY']);
  expect(await codeOf(['task', 'create', '@film/pipeline', '@film/pipeline#Render'], workspace)).toEqual([
    7,
    'PIPL_NOT_EMPTY_CODE',
  ]);
  const second = await piplHere(['task', 'create', '@film/other', '@film/pipeline#Render'], { cwd: shots });
  expect([second.status, second.err]).toEqual([
    0,
    expect.stringMatching(/warning: This workspace holds 2 tasks/),
  ]);
  expect((await piplHere(['work', 'status'], { cwd: shots })).err).toContain(
    'warning: This workspace holds 2',
  );
});

test('create_task and pipl are commands of the workspace shell; work node has task at hand', async () => {
  const shots = join(film.project, 'workspaces/shots');
  const shell = await film.pipl(['work', 'shell'], {
    cwd: shots,
    env: { SHELL: '/bin/sh' },
    input: 'create_task @film/third @film/pipeline#Render --json; pipl packl show third --json; exit 3\n',
  });
  expect(shell.status).toBe(3);
  const [created, shown] = shell.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { ok: boolean; data: object });
  expect([created?.data, shown?.data]).toMatchObject([{ kind: 'task' }, { name: '@film/third' }]);
  const node = await film.pipl(['work', 'node'], {
    cwd: join(shots, 'shot'),
    input: 'console.log("the task is", task.name); process.exit(4)\n',
  });
  expect([node.status, node.out]).toEqual([4, expect.stringContaining('the task is @film/shot')]);
});

test('the doctor names what is wrong and what mends it, and mends what it may', async () => {
  interface Report {
    findings: { check: string; state: string; what: string; fix?: string; done?: string }[];
  }
  const examined = async (cwd: string, fix: readonly string[] = []) => {
    const { status, out } = await piplHere(['doctor', ...fix, '--json'], { cwd });
    const { findings } = (JSON.parse(out) as { data: Report }).data;
    return {
      status,
      bad: findings
        .filter(({ state }) => state === 'problem')
        .map(({ check, done }) => [check, done !== undefined]),
    };
  };
  expect(await examined(workspace)).toEqual({ status: 0, bad: [] });
  const key = join(film.project, 'system/owner.key');
  chmodSync(key, 0o644);
  writeFileSync(join(workspace, '.npmrc'), 'registry=http://127.0.0.1:1/\n');
  mkdirSync(join(film.project, 'workspaces/.x.00000000.new'));
  for (const name of ['@film/one', '@film/two'])
    film.packl(name, { pipl: { kind: 'code', services: { colour: './a#A' } } });
  expect(await examined(workspace)).toEqual({
    status: 7,
    bad: [
      ['owner key', false],
      ['registry', false],
      ['entry points', false],
    ],
  });
  expect(await examined(workspace, ['--fix'])).toEqual({
    status: 7,
    bad: [
      ['owner key', true],
      ['registry', true],
      ['entry points', false],
    ],
  });
  film.packl('@film/two', { pipl: { kind: 'code', services: { light: './a#A' } } });
  expect(await examined(workspace)).toEqual({ status: 0, bad: [] });
  const peers = { peerDependencies: { '@pipl/pipe': '^9.0.0' } };
  film.packl('@film/two', { pipl: { kind: 'code', services: { light: './a#A' } }, ...peers });
  expect(await examined(workspace)).toEqual({ status: 7, bad: [['dependencies', false]] });
  film.packl('@film/two', { pipl: { kind: 'code', services: { light: './a#A' } } });
  expect(existsSync(join(film.project, 'workspaces/.x.00000000.new'))).toBe(false);
});

test('a newer framework in an old project: the doctor tells, upgrade publishes it', async () => {
  const manifest = { name: '@pipl/pipe', version: '1.1.0', type: 'module', pipl: { kind: 'code' } };
  const { tarball } = await packTarball(new Map([['package.json', Buffer.from(JSON.stringify(manifest))]]));
  const file = join(film.folder, 'newer.tgz');
  writeFileSync(file, tarball);
  const before = process.env['PIPL_PIPE'];
  process.env['PIPL_PIPE'] = file;
  try {
    const said = await piplHere(['doctor'], { cwd: film.project });
    expect(said.out).toMatch(
      /warning +framework +.*has @pipl\/pipe 1\.0\.0; this pipl brings 1\.1\.0\.\n +fix: pipl proj upgrade/,
    );
    const framework = { has: '1.0.0', brings: '1.1.0', newer: true };
    expect(await doneHere('proj upgrade --dry-run', { cwd: film.project })).toEqual({
      ...framework,
      published: false,
    });
    expect(await doneHere('proj upgrade', { cwd: film.project })).toEqual({ ...framework, published: true });
    expect(await doneHere('proj upgrade', { cwd: film.project })).toEqual({
      has: '1.1.0',
      brings: '1.1.0',
      newer: false,
      published: false,
    });
  } finally {
    process.env['PIPL_PIPE'] = before;
  }
});

test('pipl open says where the pages are, and starts what opens them', async () => {
  const { url }: { url: string } = await doneHere('open --print', { cwd: workspace });
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  expect((await fetch(url)).status).toBe(200);
  expect(await doneHere('open -i root/PROJ --print', { cwd: workspace })).toEqual({
    url: `${url}root/PROJ/`,
  });
  const opened = join(film.folder, 'opened');
  const browser = join(film.folder, 'browser');
  writeFileSync(browser, `#!/bin/sh\nprintf %s "$1" > '${opened}.new' && mv '${opened}.new' '${opened}'\n`, {
    mode: 0o755,
  });
  process.env['BROWSER'] = browser;
  try {
    await doneHere('open @film/lib', { cwd: workspace });
    await expect
      .poll(() => existsSync(opened) && readFileSync(opened, 'utf8'))
      .toBe(`${url}root/PROJ/-/web/detail/@film/lib`);
    process.env['BROWSER'] = join(film.folder, 'nothing');
    expect(await codeOf(['open'], workspace)).toEqual([3, 'PIPL_NO_BROWSER']);
  } finally {
    delete process.env['BROWSER'];
  }
});
