/** A real registry in a scratch folder, a tiny npm registry behind its mirror, and real clients in front of it. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { indexName, PiplError, type IndexName, type Manifest } from '@pipl/packl';
import { connect, packTarball, type RegistryClient, type ReleasePackl } from '@pipl/registry-client';
import { openDatabase, startRegistry, type Registry, type RegistryOptions } from '@pipl/registry';
import { databaseIn, isOnPostgres } from './databases.ts';

export const film = indexName('root/film');
export const mirror = indexName('root/npm');

const bytes = (text: string) => new TextEncoder().encode(text);

/** A packl ready to release; `content` tells two of the same name and version apart. */
export async function packl(
  name: string,
  version: string,
  { content = '', ...fields }: { content?: string } & Partial<Manifest> = {},
): Promise<ReleasePackl> {
  const manifest = { ...fields, name, version } as Manifest;
  const files = new Map([
    ['package.json', bytes(JSON.stringify(manifest))],
    ['index.js', bytes(`module.exports = ${JSON.stringify(`${name} ${version} ${content}`)};\n`)],
    ['README.md', bytes(`# ${name}\n`)],
  ]);
  return { manifest, ...(await packTarball(files)) };
}

/** A folder that goes when the test has ended. */
export async function scratch(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'pipl-registry-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** An npm registry with a few packages, which notes what it is asked. */
export async function startUpstream(packages: readonly ReleasePackl[]) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '/').slice(1);
    asked.push(path);
    const host = `http://${request.headers.host ?? ''}`;
    const file = packages.find(
      ({ manifest: { name, version } }) => path === `${name}/-/${name}-${version}.tgz`,
    );
    if (file !== undefined) return response.end(file.tarball);
    const versions = packages.filter(({ manifest }) => manifest.name === path);
    if (versions.length === 0) return response.writeHead(404).end('{}');
    response.setHeader('content-type', 'application/json');
    const entries = versions.map(({ manifest, integrity }) => {
      const tarball = `${host}/${manifest.name}/-/${manifest.name}-${manifest.version}.tgz`;
      return [manifest.version, { ...manifest, dist: { integrity, tarball } }];
    });
    const latest = versions.at(-1)?.manifest.version;
    return response.end(
      JSON.stringify({ name: path, 'dist-tags': { latest }, versions: Object.fromEntries(entries) }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

type Upstream = Awaited<ReturnType<typeof startUpstream>>;

export interface Scene extends AsyncDisposable {
  readonly dir: string;
  readonly registry: Registry;
  readonly upstream: Upstream;
  readonly anonymous: RegistryClient;
  /** A client with a token of this user, who is made when not there. */
  as(user: string): Promise<RegistryClient>;
  publish(to: IndexName, ...packls: ReleasePackl[]): Promise<void>;
  /** Stops the registry and starts it again on the same state. */
  restart(): Promise<void>;
}

export async function startScene(
  options: Partial<RegistryOptions> = {},
  upstreamPackages: readonly ReleasePackl[] = [],
): Promise<Scene> {
  const dir = await scratch();
  const upstream = await startUpstream(upstreamPackages);
  const open = async () => {
    const db = await openDatabase(await databaseIn(dir));
    const registry = await startRegistry({
      dataDir: dir,
      db,
      project: 'film',
      common: film,
      host: '127.0.0.1',
      port: 0,
      ...options,
    });
    return { db, registry };
  };
  let running = await open();
  const close = async () => {
    await running.registry.close();
    await running.db.destroy();
  };
  await running.registry.createIndex(mirror, { mirror: upstream.url });
  await running.registry.createIndex(film, { bases: [mirror] });
  const known = new Set<string>();
  const scene: Scene = {
    dir,
    upstream,
    get registry() {
      return running.registry;
    },
    get anonymous() {
      return connect({ url: running.registry.url });
    },
    async as(user) {
      const { url } = running.registry;
      // A password costs a tenth of a second, and as much to see that it is the same.
      const change = known.has(user) ? {} : { password: `${user}'s` };
      if (user !== 'root') await running.registry.setUser(user, change);
      known.add(user);
      return connect({ url, token: await running.registry.issueUserToken(user) });
    },
    async publish(index, ...packls) {
      for (const one of packls) await (await scene.as('root')).release({ index, packls: [one] });
    },
    async restart() {
      await close();
      running = await open();
    },
    async [Symbol.asyncDispose]() {
      await close();
      await upstream.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
  return scene;
}

export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Workplace {
  readonly cwd: string;
  run(program: 'npm' | 'pnpm', ...args: string[]): Promise<Ran>;
  /** `npm login`, with what a person would type. */
  login(name: string, password: string): Promise<Ran>;
}

/** A folder with a clean home, configured for one index; `token` undefined: nobody. */
export async function workplace(
  scene: Scene,
  {
    index = film,
    token,
    files = {},
    env: more = {},
  }: {
    index?: IndexName;
    token?: string | undefined;
    files?: Record<string, string>;
    env?: Record<string, string>;
  },
): Promise<Workplace> {
  const root = await mkdtemp(join(scene.dir, 'work-'));
  const cwd = join(root, 'here');
  await mkdir(cwd);
  const address = `${scene.registry.url}/${index}/`;
  const auth = token === undefined ? '' : `${address.replace('http:', '')}:_authToken=${token}\n`;
  await writeFile(join(root, '.npmrc'), `registry=${address}\n${auth}`);
  await writeFile(join(cwd, 'pnpm-workspace.yaml'), 'minimumReleaseAge: 0\n');
  for (const [file, text] of Object.entries(files)) await writeFile(join(cwd, file), text);
  const env = {
    PATH: process.env['PATH'],
    NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
    HOME: root,
    XDG_CONFIG_HOME: root,
    XDG_CACHE_HOME: root,
    XDG_DATA_HOME: root,
    XDG_STATE_HOME: root,
    CI: 'true',
    NO_COLOR: '1',
    NO_UPDATE_NOTIFIER: '1',
    npm_config_userconfig: join(root, '.npmrc'),
    npm_config_globalconfig: join(root, 'none'),
    npm_config_cache: join(root, 'cache'),
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
    npm_config_fetch_retries: '0',
    pnpm_config_registry: address,
    ...more,
  };
  const run = (program: string, args: readonly string[], typing: Record<string, string> = {}) =>
    new Promise<Ran>((resolve) => {
      const child = execFile(program, args, { cwd, env, timeout: 60_000 }, (error, stdout, stderr) => {
        const status = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
        resolve({ status, stdout, stderr });
      });
      child.stdout?.on('data', (text: string) => {
        const prompt = Object.keys(typing).find((one) => text.trimEnd().endsWith(one));
        if (prompt !== undefined) child.stdin?.write(`${typing[prompt] ?? ''}\n`);
      });
      if (Object.keys(typing).length === 0) child.stdin?.end();
    });
  return {
    cwd,
    run: (program, ...args) => run(program, args),
    login: (name, password) =>
      run('npm', ['login', '--auth-type=legacy'], { 'Username:': name, 'Password:': password }),
  };
}

/** How many files the blob store holds, temporary ones too. Where processes share it, once it was tidied. */
export async function blobsIn({ dir, registry }: { dir: string; registry?: Registry }): Promise<number> {
  if (isOnPostgres()) await registry?.upkeep.collect(0);
  const files = await readdir(join(dir, 'blobs'), { recursive: true, withFileTypes: true });
  return files.filter((entry) => entry.isFile()).length;
}

/** Resolves when everything that was published is on disk, and the database holds no bytes of it any longer. */
export async function settled({ dir }: { dir: string }): Promise<void> {
  await using db = await openDatabase(await databaseIn(dir));
  const left = () => db.selectFrom('registry_arriving').select('id').execute();
  await expect.poll(left, { timeout: 20_000 }).toEqual([]);
}

/** The code of what a promise is refused with; `accepted` when it is not. */
export const refusal = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'accepted',
    (error: unknown) => (error instanceof PiplError ? error.code : String(error)),
  );
