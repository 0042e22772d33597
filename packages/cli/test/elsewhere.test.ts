/** From another machine: a login and a workarea by the server's address; tokens, passwords and the audit log. */
import { readFileSync, statSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Film, makeFilm } from './film.ts';

let film: Film;
let url: string;
/** The home of somebody on another machine: not that of the project's owner. */
let home: NodeJS.ProcessEnv;
let area: string;

beforeAll(async () => {
  film = await makeFilm();
  url = (await film.pipl(['proj', 'status', '--json'], { cwd: film.project })).json.data['url'];
  await film.pipl(['proj', 'user', 'add', 'bob', '--password-stdin'], { cwd: film.project, input: 'b0b\n' });
  const folder = join(film.folder, 'elsewhere');
  await mkdir(folder);
  home = { HOME: folder, XDG_CONFIG_HOME: join(folder, '.config') };
  area = join(folder, 'area');
});
afterAll(() => film[Symbol.asyncDispose]());

const there = (args: readonly string[], input = '', cwd = join(film.folder, 'elsewhere')) =>
  film.pipl(args, { cwd, input, env: home });
const authFile = () => join(film.folder, 'elsewhere/.config/pipl/auth.json');

test('login by address keeps the login under that address, for its owner only', async () => {
  expect(await there(['login', url, 'bob', '--password-stdin'], 'wrong\n')).toMatchObject({ status: 5 });
  const logged = await there(['login', `${url}/`, 'bob', '--password-stdin', '--json'], 'b0b\n');
  expect(logged.json.data).toEqual({ user: 'bob', url });
  expect(statSync(authFile()).mode & 0o777).toBe(0o600);
  const kept = JSON.parse(readFileSync(authFile(), 'utf8')) as { logins: Record<string, { user: string }> };
  expect(Object.entries(kept.logins).map(([key, { user }]) => [key, user])).toEqual([[url, 'bob']]);
  expect(readFileSync(authFile(), 'utf8')).not.toContain('b0b');
  for (const wrong of ['https://bob:x@127.0.0.1', 'http://', `${url}/?x`]) {
    expect(await there(['login', wrong, 'bob', '--password-stdin'], 'x\n')).toMatchObject({ status: 2 });
  }
  expect(await there(['login', 'http://127.0.0.1:1', 'bob', '--password-stdin'], 'x\n')).toMatchObject({
    status: 8,
  });
});

test('a workarea by address: workspaces, packls and publishing work from there', async () => {
  expect((await there(['work', 'create-area', area, url, '--json'])).json.data).toEqual({
    path: area,
    projectUrl: url,
  });
  expect(await there(['work', 'create', 'comp'], '', area)).toMatchObject({ status: 0 });
  const workspace = join(area, 'comp');
  expect(readFileSync(join(workspace, '.npmrc'), 'utf8')).toContain(`registry=${url}/root/PROJ/`);
  expect((await there(['status'], '', workspace)).out).toContain(`server at ${url}`);

  const packl = join(workspace, 'hare');
  await mkdir(packl);
  const manifest = {
    name: '@film/hare',
    version: '1.0.0',
    type: 'module',
    pipl: { kind: 'code' },
    exports: './index.js',
  };
  await writeFile(join(packl, 'package.json'), JSON.stringify(manifest));
  await writeFile(join(packl, 'index.js'), 'export {};\n');
  expect(await there(['packl', 'publish'], '', packl)).toMatchObject({ status: 0 });
  const listed = await there(['proj', 'index', 'list', '--json'], '', area);
  expect(listed.out).toContain('@film/hare');

  // What needs the folder of the project says so.
  const stop = await there(['proj', 'stop'], '', area);
  expect(stop).toMatchObject({ status: 2, err: expect.stringContaining('on another machine') });
});

test('tokens: made with limits, told once, listed, revoked', async () => {
  const made = await there(
    ['proj', 'token', 'create', 'farm', '--read-only', '--packl', '@film/*', '--days', '7'],
    '',
    area,
  );
  expect(made.out).toMatch(/^pipl_\w+\.[\w-]+\n$/);
  const [, farm] = (await there(['proj', 'token', 'list', '--json'], '', area)).json.data as {
    id: string;
    label?: string;
    limits?: object;
  }[];
  expect(farm).toMatchObject({ label: 'farm', limits: { operations: ['read'], packls: ['@film/*'] } });
  expect((await there(['proj', 'token', 'list'], '', area)).out).toContain('read @film/*');
  const asFarm = { cwd: area, env: { ...home, PIPL_TOKEN: made.out.trim() } };
  expect(await film.pipl(['proj', 'token', 'list'], asFarm)).toMatchObject({ status: 0 });
  expect(await film.pipl(['proj', 'token', 'create', 'wider'], asFarm)).toMatchObject({ status: 6 });
  expect(await there(['proj', 'token', 'revoke', farm?.id ?? ''], '', area)).toMatchObject({ status: 0 });
  expect(await film.pipl(['proj', 'token', 'list'], asFarm)).toMatchObject({ status: 5 });
  expect(await there(['proj', 'token', 'revoke', 'nothing'], '', area)).toMatchObject({ status: 3 });
  expect(await there(['proj', 'token', 'create', 'x', '--may', 'fly'], '', area)).toMatchObject({
    status: 2,
  });
});

test('who changes their own password stays logged in where they did it', async () => {
  expect(await there(['proj', 'user', 'set', 'bob', '--password-stdin'], 'better\n', area)).toMatchObject({
    status: 0,
  });
  expect(await there(['proj', 'token', 'list'], '', area)).toMatchObject({ status: 0 });
  expect(await there(['login', url, 'bob', '--password-stdin'], 'b0b\n')).toMatchObject({ status: 5 });
});

test('the audit log is root’s', async () => {
  expect(await there(['proj', 'audit'], '', area)).toMatchObject({ status: 6 });
  const { out } = await film.pipl(['proj', 'audit', '--limit', '200'], { cwd: film.project });
  expect(out).toMatch(/\tbob\t127\.0\.0\.1\tpublish\troot\/PROJ @film\/hare@1\.0\.0\tok\n/);
  expect(out).toMatch(/\tbob\t127\.0\.0\.1\tlogin\t-\tPIPL_WRONG_PASSWORD\n/);
  const few = await film.pipl(['proj', 'audit', '--limit', '2', '--json'], { cwd: film.project });
  expect(few.json.data).toHaveLength(2);
});

test('logout ends the login; a removed user is gone', async () => {
  const ended = await there(['logout', url]);
  expect([ended.status, ended.err]).toEqual([0, '']);
  const nobody = await there(['proj', 'token', 'list'], '', area);
  expect([nobody.status, nobody.err]).toEqual([5, expect.stringContaining(`pipl login ${url}`)]);
  expect(await there(['logout', url])).toMatchObject({ status: 5 });
  expect(await film.pipl(['proj', 'user', 'remove', 'bob'], { cwd: film.project })).toMatchObject({
    status: 0,
  });
  expect(await there(['login', url, 'bob', '--password-stdin'], 'better\n')).toMatchObject({ status: 5 });
});
