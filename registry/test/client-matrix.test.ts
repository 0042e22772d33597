/**
 * npm 10 and 11, pnpm 12, yarn 4: a day of each with an index, from login to logout; and the programs that publish
 * a whole workspace. Versions are pinned in package.json, except pnpm's, which is the one that installed them.
 */
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { indexName } from '@pipl/packl';
import { integrityMatches } from '@pipl/registry-client';
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
const clients: readonly Client[] = [
  {
    program: 'npm 10',
    login: [['login', '--auth-type=legacy'], typed],
    commands: npm,
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
  if (client.program !== 'yarn 4') expect(lock).toContain(row?.integrity);
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
  await ran(author, client, 'star');
  expect(await ran(author, client, 'stars')).toContain('@film/bunny');
  expect(await ran(author, client, 'profile')).toContain('alice');
  expect(await ran(author, client, 'tokens')).toContain('pipl_');
  await ran(author, client, 'ping');
}

test.each(clients)('$program: from login to logout', { timeout: 60_000 }, async (client) => {
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

const workspace = {
  'package.json': JSON.stringify({ name: 'film', private: true }),
  'pnpm-workspace.yaml': 'packages: [packages/*]\nminimumReleaseAge: 0\n',
  'packages/a/package.json': manifest('@film/a', '1.0.0'),
  'packages/a/index.js': 'module.exports = 1;\n',
  'packages/b/package.json': manifest('@film/b', '1.0.0', { dependencies: { '@film/a': 'workspace:^' } }),
  'packages/b/index.js': 'module.exports = 2;\n',
  'packages/c/package.json': manifest('c', '1.0.0', { private: true }),
};
const published = async (scene: Scene) =>
  (await scene.registry.rows()).map(({ name, version }) => `${name}@${version}`).toSorted();

/** A workspace whose author is logged in. */
async function workspaceOf(scene: Scene, program: Program): Promise<Desk> {
  const { token = '' } = await scene.as('alice');
  const place = await desk(scene, { program });
  const address = `${scene.registry.url}/${film}/`;
  const npmrc = `registry=${address}\n${address.slice('http:'.length)}:_authToken=${token}\n`;
  await place.write({ ...workspace, '.npmrc': npmrc });
  return place;
}

test(
  'pnpm publish -r publishes the packages of a workspace, and again only what is new',
  { timeout: 60_000 },
  async () => {
    await using scene = await startScene();
    const place = await workspaceOf(scene, 'pnpm 12');
    const publish = ['publish', '-r', '--no-git-checks'];
    expect(await place.run(publish)).toMatchObject({ status: 0 });
    expect(await published(scene)).toEqual(['@film/a@1.0.0', '@film/b@1.0.0']);
    expect((await scene.registry.row(film, '@film/b', '1.0.0'))?.manifest.dependencies).toEqual({
      '@film/a': '^1.0.0',
    });
    await place.write({ 'packages/a/package.json': manifest('@film/a', '1.0.1') });
    expect(await place.run(publish)).toMatchObject({ status: 0 });
    expect(await published(scene)).toEqual(['@film/a@1.0.0', '@film/a@1.0.1', '@film/b@1.0.0']);
  },
);

test(
  'changeset publish publishes the packages of a workspace, and again only what is new',
  { timeout: 60_000 },
  async () => {
    await using scene = await startScene();
    const place = await workspaceOf(scene, 'changeset');
    const config = { changelog: false, commit: false, access: 'public', baseBranch: 'main' };
    await place.write({
      '.changeset/config.json': JSON.stringify(config),
      'pnpm-lock.yaml': "lockfileVersion: '9.0'\n",
    });
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=alice', '-c', 'user.email=alice@example.com', ...args], {
        cwd: place.cwd,
        stdio: 'ignore',
      });
    git('init', '-b', 'main');
    git('add', '.');
    git('commit', '-m', 'first');
    const first = await place.run(['publish', '--no-git-tag']);
    expect(first).toMatchObject({ status: 0 });
    expect(await published(scene)).toEqual(['@film/a@1.0.0', '@film/b@1.0.0']);
    expect(await place.run(['publish', '--no-git-tag'])).toMatchObject({ status: 0 });
    await place.write({ 'packages/a/package.json': manifest('@film/a', '1.0.1') });
    expect(await place.run(['publish', '--no-git-tag'])).toMatchObject({ status: 0 });
    expect(await published(scene)).toEqual(['@film/a@1.0.0', '@film/a@1.0.1', '@film/b@1.0.0']);
  },
);

test(
  'npm: a volatile index unpublishes one version or all, with a change for each; numbers stay taken',
  { timeout: 60_000 },
  async () => {
    await using scene = await startScene();
    const alice = await scene.as('alice');
    const stage = indexName('alice/stage');
    await alice.setIndex(stage, { bases: [film], volatile: true });
    for (const version of ['1.0.0', '1.1.0', '1.2.0']) {
      await alice.release({ index: stage, packls: [await packl('@film/bunny', version)] });
    }
    const place = await desk(scene, { program: 'npm 11', index: stage });
    const address = `${scene.registry.url}/${stage}/`;
    await place.write({ '.npmrc': `registry=${address}\n${address.slice(5)}:_authToken=${alice.token}\n` });
    expect(await place.run(['unpublish', '@film/bunny@1.1.0', '--force'])).toMatchObject({ status: 0 });
    const live = async () =>
      (await scene.registry.rows())
        .filter(({ withdrawn }) => withdrawn !== true)
        .map(({ version }) => version);
    expect(await live()).toEqual(['1.0.0', '1.2.0']);
    expect((await scene.registry.feed.read(0)).changes.at(-1)).toMatchObject({
      op: 'withdraw',
      version: '1.1.0',
      by: 'alice',
    });
    expect(await place.run(['unpublish', '@film/bunny', '--force'])).toMatchObject({ status: 0 });
    expect(await live()).toEqual([]);
    expect((await scene.registry.feed.read(0)).changes.filter(({ op }) => op === 'withdraw')).toHaveLength(3);
    expect((await place.run(['view', '@film/bunny', 'version'])).both).toContain('E404');
  },
);

test(
  'npm: rights are of indexes, a token has no addresses: the answers say so',
  { timeout: 60_000 },
  async () => {
    await using scene = await startScene();
    const { token = '' } = await scene.as('alice');
    await scene.publish(film, await packl('@film/bunny', '1.0.0'));
    const place = await desk(scene, { program: 'npm 11' });
    const address = `${scene.registry.url}/${film}/`;
    await place.write({ '.npmrc': `registry=${address}\n${address.slice(5)}:_authToken=${token}\n` });
    const rights = 'pipl proj index set';
    expect((await place.run(['owner', 'add', 'alice', '@film/bunny'])).both).toContain(rights);
    expect((await place.run(['access', 'set', 'status=private', '@film/bunny'])).both).toContain(rights);
    expect((await place.run(['unpublish', '@film/bunny@1.0.0', '--force'])).both).toContain(
      'pipl packl withdraw',
    );
    const create = (...more: string[]) => place.run(['token', 'create', ...more], { password: "alice's" });
    expect((await create('--cidr=10.0.0.0/8')).both).toContain('cannot be tied to addresses');
  },
);

test(
  'npm: tokens with limits are made, listed and revoked; another password ends them all',
  { timeout: 60_000 },
  async () => {
    await using scene = await startScene();
    const { token = '' } = await scene.as('alice');
    const place = await desk(scene, { program: 'npm 11' });
    const address = `${scene.registry.url}/${film}/`;
    const signIn = (as: string) =>
      place.write({ '.npmrc': `registry=${address}\n${address.slice(5)}:_authToken=${as}\n` });
    await signIn(token);
    const made = await place.run(
      [
        'token',
        'create',
        '--name=farm',
        '--scopes=@film',
        '--packages-and-scopes-permission=read-only',
        '--expires=7',
        '--json',
      ],
      { password: "alice's" },
    );
    const { token: farm, expires } = JSON.parse(made.stdout.slice(made.stdout.indexOf('{'))) as {
      token: string;
      expires: string;
    };
    expect(Date.parse(expires) - Date.now()).toBeGreaterThan(6 * 86_400_000);
    const [, view] = await scene.anonymous.withToken(token).tokens();
    expect(view).toMatchObject({ label: 'farm', limits: { operations: ['read'], packls: ['@film/*'] } });
    await place.write({ 'package.json': manifest('@film/hare', '1.0.0') });
    await signIn(farm);
    expect((await place.run(['publish'])).both).toContain('This token may not publish');
    await signIn(token);
    expect(await place.run(['token', 'revoke', farm])).toMatchObject({ status: 0 });
    expect(await scene.anonymous.withToken(token).tokens()).toHaveLength(1);

    const wrong = await place.run(['profile', 'set', 'password'], {
      'Current password:': 'guess',
      'New password:': 'new',
      'Again:': 'new',
    });
    expect(wrong.status).not.toBe(0);
    const right = await place.run(['profile', 'set', 'password'], {
      'Current password:': "alice's",
      'New password:': 'new',
      'Again:': 'new',
    });
    expect(right).toMatchObject({ status: 0 });
    expect((await place.run(['whoami'])).status).not.toBe(0);
    // A token that has ended does not keep anybody from logging in again.
    expect(
      await place.run(['login', '--auth-type=legacy'], { 'Username:': 'alice', 'Password:': 'new' }),
    ).toMatchObject({ status: 0 });
  },
);

test('the tarball that is served always matches its integrity, whoever published it and however it is asked for', async () => {
  await using scene = await startScene({}, [await packl('tiny-dep', '1.0.0')]);
  const alice = await scene.as('alice');
  const stage = indexName('alice/stage');
  await alice.setIndex(stage, { bases: [film], volatile: true });
  await scene.publish(film, await packl('@film/a', '1.0.0'), await packl('@film/a', '2.0.0'));
  for (const content of ['one', 'two']) {
    await alice.release({ index: stage, packls: [await packl('@film/a', '2.0.0', { content })] });
  }
  for (const index of [film, stage]) {
    for (const name of ['@film/a', 'tiny-dep']) {
      for (const accept of ['application/json', 'application/vnd.npm.install-v1+json']) {
        const document = await fetch(`${scene.registry.url}/${index}/${name.replace('/', '%2f')}`, {
          headers: { accept },
        });
        const { versions } = (await document.json()) as {
          versions: Record<string, { dist: { tarball: string; integrity: string } }>;
        };
        expect(Object.keys(versions).length).toBeGreaterThan(0);
        for (const { dist } of Object.values(versions)) {
          const bytes = new Uint8Array(await (await fetch(dist.tarball)).arrayBuffer());
          expect(integrityMatches(dist.integrity, bytes)).toBe(true);
        }
      }
    }
  }
});
