/**
 * npm 10 and 11, pnpm 12, yarn 4: a day of each with an index, from login to logout. Versions are
 * pinned in package.json, except pnpm's, which is the one that installed them.
 */
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { desk, type Desk, type Program, type Typing } from './client-programs.ts';
import { film, packl, startScene, type Scene } from './scene.ts';

const manifest = (name: string, version: string, more: object = {}) =>
  JSON.stringify({ name, version, description: 'a rabbit', license: 'MIT', main: 'index.js', ...more });

/** What a person does in the browser whose address a program has printed. */
const inBrowser = (user: string, password: string) => async (printed: string) => {
  const url = /https?:\/\/\S+\/-\/v1\/login\/[\w-]+/.exec(printed)?.[0] ?? '';
  const page = await (await fetch(url)).text();
  if (!page.includes('name="password"')) throw new Error(`no form at ${url}`);
  await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', origin: new URL(url).origin },
    body: new URLSearchParams({ username: user, password }).toString(),
  });
};
const web: Typing = { '/-/v1/login/': inBrowser('alice', "alice's") };
const typed: Typing = { 'Username:': 'alice', 'Password:': "alice's" };

interface Client {
  readonly program: Program;
  readonly login: readonly [readonly string[], Typing];
  readonly commands: Readonly<Record<string, readonly string[]>>;
  readonly lock: string;
  readonly env?: NodeJS.ProcessEnv;
}

const npm = {
  whoami: ['whoami'],
  publish: ['publish'],
  view: ['view', '@film/bunny', 'version'],
  install: ['install'],
  tag: ['dist-tag', 'add', '@film/bunny@1.0.0', 'next'],
  tags: ['dist-tag', 'ls', '@film/bunny'],
  untag: ['dist-tag', 'rm', '@film/bunny', 'next'],
  deprecate: ['deprecate', '@film/bunny@1.0.0', 'ears too long'],
  undeprecate: ['deprecate', '@film/bunny@1.0.0', ''],
  search: ['search', 'bunny'],
  ping: ['ping'],
  star: ['star', '@film/bunny'],
  stars: ['stars'],
  profile: ['profile', 'get'],
  tokens: ['token', 'list'],
  logout: ['logout'],
};
/** What npm 10 asks in the same words as npm 11 is asked once. */
const { star: _star, stars: _stars, profile: _profile, tokens: _tokens, ping: _ping, ...daily } = npm;
const clients: readonly Client[] = [
  {
    program: 'npm 10',
    login: [['login', '--auth-type=legacy'], typed],
    commands: daily,
    lock: 'package-lock.json',
  },
  { program: 'npm 11', login: [['login'], web], commands: npm, lock: 'package-lock.json' },
  {
    program: 'pnpm 12',
    login: [['login'], web],
    commands: {
      ...npm,
      publish: ['publish', '--no-git-checks'],
      undeprecate: ['undeprecate', '@film/bunny@1.0.0'],
    },
    lock: 'pnpm-lock.yaml',
  },
  {
    program: 'yarn 4',
    // It asks at a terminal only, and its web login shows the address to a browser only.
    env: { YARN_IS_TEST_ENV: '1', YARN_INJECT_NPM_USER: 'alice', YARN_INJECT_NPM_PASSWORD: "alice's" },
    login: [['npm', 'login'], {}],
    commands: {
      whoami: ['npm', 'whoami'],
      publish: ['npm', 'publish'],
      view: ['npm', 'info', '@film/bunny', '--fields', 'version', '--json'],
      install: ['install'],
      tag: ['npm', 'tag', 'add', '@film/bunny@1.0.0', 'next'],
      tags: ['npm', 'tag', 'list', '@film/bunny'],
      untag: ['npm', 'tag', 'remove', '@film/bunny', 'next'],
      logout: ['npm', 'logout'],
    },
    lock: 'yarn.lock',
  },
];

/** Runs what the client has; what it has not is undefined. */
async function ran(place: Desk, { commands }: Client, what: string): Promise<string | undefined> {
  const args = commands[what];
  if (args === undefined) return undefined;
  const { status, both } = await place.run(args);
  if (status !== 0) throw new Error(`${args.join(' ')}: ${both}`);
  return both;
}

async function publishes(scene: Scene, client: Client, author: Desk): Promise<void> {
  await author.write({
    'package.json': manifest('@film/bunny', '1.0.0', { dependencies: { 'tiny-dep': '^1.0.0' } }),
    'index.js': "module.exports = 'bunny ' + require('tiny-dep');\n",
    'README.md': '# Bunny\n',
    'yarn.lock': '',
  });
  // yarn publishes what its lock knows.
  if (client.program === 'yarn 4') await ran(author, client, 'install');
  await ran(author, client, 'publish');
  expect((await scene.registry.feed.read(0)).changes.at(-1)).toMatchObject({ op: 'publish', by: 'alice' });
  const again = await author.run(client.commands['publish'] ?? []);
  expect(again.status).not.toBe(0);
  expect(again.both).toMatch(/already published|cannot publish over|previously published|already exists/i);
}

async function reads(scene: Scene, client: Client): Promise<void> {
  const reader = await desk(scene, { program: client.program });
  const dependencies = { '@film/bunny': '^1.0.0' };
  await reader.write({ 'package.json': manifest('reader', '1.0.0', { dependencies }), 'yarn.lock': '' });
  await ran(reader, client, 'install');
  const run = execFileSync(process.execPath, ['-p', 'require("@film/bunny")'], {
    cwd: reader.cwd,
    encoding: 'utf8',
  });
  expect(run.trim()).toBe('bunny tiny-dep 1.1.0');
  const lock = await readFile(join(reader.cwd, client.lock), 'utf8');
  const row = await scene.registry.row(film, '@film/bunny', '1.0.0');
  // yarn hashes what it unpacked instead.
  expect(client.program === 'yarn 4' || lock.includes(row?.integrity ?? '-')).toBe(true);
  expect(await ran(reader, client, 'view')).toContain('1.0.0');
  expect((await ran(reader, client, 'search')) ?? 'a rabbit').toContain('a rabbit');
}

async function amends(scene: Scene, client: Client, author: Desk): Promise<void> {
  const row = () => scene.registry.row(film, '@film/bunny', '1.0.0');
  await ran(author, client, 'tag');
  expect(await ran(author, client, 'tags')).toMatch(/next\W+1\.0\.0/);
  await ran(author, client, 'untag');
  expect(await scene.registry.tags()).toEqual([]);
  if ((await ran(author, client, 'deprecate')) === undefined) return;
  expect((await row())?.deprecated).toBe('ears too long');
  await ran(author, client, 'undeprecate');
  expect((await row())?.deprecated).toBeUndefined();
  if ((await ran(author, client, 'star')) === undefined) return;
  expect(await ran(author, client, 'stars')).toContain('@film/bunny');
  expect(await ran(author, client, 'profile')).toContain('alice');
  expect(await ran(author, client, 'tokens')).toContain('pipl_');
  await ran(author, client, 'ping');
}

test.each(clients)('$program: from login to logout', { timeout: 540_000 }, async (client) => {
  await using scene = await startScene({}, [
    await packl('tiny-dep', '1.0.0'),
    await packl('tiny-dep', '1.1.0'),
  ]);
  await scene.registry.setUser('alice', { password: "alice's" });
  const author = await desk(scene, { program: client.program, env: client.env ?? {} });
  const [args, typing] = client.login;
  expect(await author.run(args, typing)).toMatchObject({ status: 0 });
  expect(await ran(author, client, 'whoami')).toContain('alice');
  await publishes(scene, client, author);
  await reads(scene, client);
  await amends(scene, client, author);
  await ran(author, client, 'logout');
  expect((await author.run(client.commands['whoami'] ?? [])).status).not.toBe(0);
});
