/** Installs a code lock with the real pnpm and reads back what is there. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { parsePnpmLock } from './pnpm-lock-reader.ts';
import type { CodeLock } from '../src/index.ts';

/** Is pnpm 12 on the PATH? */
export function pnpmVersion(): string | undefined {
  try {
    return execFileSync('pnpm', ['--version'], { encoding: 'utf8', cwd: '/' }).trim();
  } catch {
    return undefined;
  }
}

export interface Machine {
  /** holds the store, HOME and every installed tree */
  readonly folder: string;
  readonly registry: string;
}

const settings = (store: string) =>
  `enableGlobalVirtualStore: true\nminimumReleaseAge: 0\nstoreDir: ${store}\nfetchRetries: 0\n`;

/** @returns the folder of the tree. @throws with what pnpm printed */
export async function install({ folder, registry }: Machine, name: string, lock: CodeLock): Promise<string> {
  const tree = join(folder, 'trees', name);
  const home = join(folder, 'home');
  await Promise.all([mkdir(tree, { recursive: true }), mkdir(home, { recursive: true })]);
  await writeFile(
    join(tree, 'package.json'),
    JSON.stringify({ private: true, dependencies: lock.dependencies }),
  );
  await writeFile(join(tree, 'pnpm-workspace.yaml'), settings(join(folder, 'store')));
  await writeFile(join(tree, '.npmrc'), `registry=${registry}/\n`);
  await writeFile(join(tree, 'pnpm-lock.yaml'), lock.lockfile);
  const args = ['install', '--frozen-lockfile', '--prefer-offline', '--ignore-scripts'];
  const env = {
    PATH: process.env['PATH'],
    HOME: home,
    XDG_DATA_HOME: home,
    XDG_CACHE_HOME: home,
    CI: 'true',
  };
  const run = promisify(execFile)('pnpm', args, {
    cwd: tree,
    env: { ...env, npm_config_registry: `${registry}/` },
  });
  await run.catch((error: { stdout?: string; stderr?: string }) => {
    throw new Error(`${error.stdout}\n${error.stderr}\n${lock.lockfile}`, { cause: error });
  });
  return tree;
}

/** What the lock says: snapshot key → sorted `name → snapshot key`. */
export type Edges = Record<string, Record<string, string>>;

/**
 * Follows every edge of the lock through the installed tree as Node resolves it.
 * @param absent packages that this platform must not have
 * @returns for each snapshot key, name@version found there and every neighbour it can require
 */
export async function readTree(tree: string, lockfile: string, absent: (key: string) => boolean) {
  const { importer, edges } = parsePnpmLock(lockfile);
  const problems: string[] = [];
  const homes = new Map<string, string>();
  const visit = async (from: string, children: Record<string, string>): Promise<void> => {
    const present = Object.entries(children).filter(([, key]) => !absent(key));
    for (const [name, key] of present) {
      const found = await locate(from, name);
      const expected = key.split('(')[0];
      if (found === undefined) {
        problems.push(`${from} cannot load ${name} (${key})`);
        continue;
      }
      if (found.spec !== expected)
        problems.push(`${from} loads ${found.spec} as ${name}, the lock says ${expected}`);
      const home = homes.get(key);
      if (home !== undefined && home !== found.folder)
        problems.push(`${key} is in ${home} and in ${found.folder}`);
      if (home !== undefined) continue;
      homes.set(key, found.folder);
      await visit(found.folder, edges[key] ?? {});
      const extra = (await neighbours(found.folder)).filter((one) => edges[key]?.[one] === undefined);
      problems.push(...extra.filter((one) => one !== found.name).map((one) => `${key} has ${one} beside it`));
    }
    for (const [name, key] of Object.entries(children)) {
      if (absent(key) && (await locate(from, name)) !== undefined) problems.push(`${key} is installed`);
    }
  };
  await visit(tree, importer);
  return { problems, installed: [...homes.keys()].toSorted(), locked: Object.keys(edges).toSorted(), homes };
}

async function locate(from: string, name: string) {
  try {
    const file = createRequire(join(from, 'package.json')).resolve(`${name}/package.json`);
    const json = JSON.parse(await readFile(file, 'utf8')) as { name: string; version: string };
    return { folder: await realpath(dirname(file)), name: json.name, spec: `${json.name}@${json.version}` };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

/** Everything in the node_modules that a package of the virtual store lives in. */
async function neighbours(folder: string): Promise<string[]> {
  const modules = folder.slice(0, folder.lastIndexOf('/node_modules/') + '/node_modules'.length);
  const names = (await readdir(modules)).filter((name) => !name.startsWith('.'));
  const nested = names.map(async (name) =>
    name.startsWith('@') ? (await readdir(join(modules, name))).map((one) => `${name}/${one}`) : [name],
  );
  return (await Promise.all(nested)).flat();
}
