/**
 * Installed trees, by hash of the code lock: what a run's actions load code from.
 *
 * ```
 * <trees>/<hash>/package.json  pnpm-lock.yaml  pnpm-workspace.yaml  node_modules/   as pnpm left them, read-only
 *                tree.json     the stamp: complete; its mtime says when the tree was last used
 *                templates/    job templates made from this tree (template.ts)
 * ```
 * A tree that is there needs no pnpm. One that is not is installed aside and renamed into place: of two runners
 * that race, one rename wins and both have a tree. pnpm is handed a finished lock: it resolves nothing and runs
 * no script. The packages themselves lie in pnpm's global virtual store; only links to them are in the tree.
 */
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { chmod, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { piplError, type CodeLock } from '@pipl/packl';
import { lastLines, runCommand } from './command.ts';
import { withPatience } from './patience.ts';

export interface TreeRequest {
  readonly codeLock: CodeLock;
  /** folder of all trees */
  readonly trees: string;
  /** URL of the index that pnpm fetches from */
  readonly registry: string;
  /** of the run: who may not read the index installs nothing from it */
  readonly token?: string | undefined;
  readonly pnpm: string;
  /** all of pnpm's environment */
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** called each time pnpm has been started */
  readonly onInstall: () => void;
}

/** So that what pnpm does depends on nothing but these and the lock. */
const settings = [
  'enableGlobalVirtualStore: true',
  'minimumReleaseAge: 0',
  'ignoreScripts: true',
  'strictDepBuilds: false',
  'packageImportMethod: auto',
  'autoInstallPeers: true',
  'excludeLinksFromLockfile: false',
  'extendNodePath: false',
  '',
].join('\n');

const installing = new Map<string, Promise<string>>();

/** Where the tree of a lock is, or will be. */
export const treeOf = ({ hash }: CodeLock, trees: string): string => join(trees, hash);

/**
 * The root of the tree.
 * @throws PIPL_INSTALL; PIPL_INSTALL_UNREACHABLE when the registry stayed away
 */
export async function installedTree(request: TreeRequest): Promise<string> {
  const { codeLock, trees } = request;
  const tree = treeOf(codeLock, trees);
  if (touch(tree)) return tree;
  const known = installing.get(codeLock.hash);
  if (known !== undefined) return known;
  const work = withPatience(() => install(request), { signal: request.signal }).finally(() =>
    installing.delete(codeLock.hash),
  );
  installing.set(codeLock.hash, work);
  return work;
}

/** Whether the tree is complete; notes that it was used. */
function touch(tree: string): boolean {
  const now = new Date();
  try {
    utimesSync(join(tree, 'tree.json'), now, now);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

async function install({
  codeLock,
  trees,
  registry,
  token,
  pnpm,
  env: given,
  signal,
  onInstall,
}: TreeRequest): Promise<string> {
  mkdirSync(trees, { recursive: true });
  const aside = mkdtempSync(join(trees, '.new-'));
  try {
    const manifest = { name: 'pipl-tree', private: true, dependencies: codeLock.dependencies };
    writeFileSync(join(aside, 'package.json'), JSON.stringify(manifest, undefined, 2));
    writeFileSync(join(aside, 'pnpm-lock.yaml'), codeLock.lockfile);
    writeFileSync(join(aside, 'pnpm-workspace.yaml'), settings);
    writeFileSync(join(aside, 'tree.json'), JSON.stringify({ hash: codeLock.hash }));
    mkdirSync(join(aside, 'templates'));
    // In the environment of pnpm alone, which runs no scripts: neither in a file nor on a command line.
    const login =
      token === undefined ? {} : { [`npm_config_${registry.replace(/^https?:/, '')}:_authToken`]: token };
    const env = { ...given, ...login };
    const args = [
      'install',
      '--frozen-lockfile',
      '--prefer-offline',
      '--ignore-scripts',
      `--registry=${registry}`,
    ];
    const begun = [
      runCommand({ file: pnpm, args, cwd: aside, env, signal }),
      (async () => onInstall())(),
    ] as const;
    // pnpm must not write into a folder that is given back.
    await Promise.allSettled(begun);
    const [end] = await Promise.all(begun);
    if (end.exitCode !== 0) throw installFailed(end);
    const tree = treeOf(codeLock, trees);
    if (place(aside, tree)) return tree;
    await rm(aside, { recursive: true, force: true });
    return tree;
  } catch (error) {
    await rm(aside, { recursive: true, force: true });
    throw error;
  }
}

/** False when another runner was faster. */
function place(aside: string, tree: string): boolean {
  try {
    renameSync(aside, tree);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    return false;
  }
  makeReadOnly(join(tree, 'node_modules'));
  return true;
}

/** The folders that hold links: what is behind the links is shared by all trees and belongs to pnpm's store. */
function makeReadOnly(folder: string): void {
  const entries = readdirSync(folder, { withFileTypes: true });
  for (const entry of entries) if (entry.isDirectory()) makeReadOnly(join(folder, entry.name));
  chmodSync(folder, 0o555);
}

async function makeWritable(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries) if (entry.isDirectory()) await makeWritable(join(folder, entry.name));
}

const isNetwork =
  /ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENOTFOUND|UND_ERR|ERR_PNPM_FETCH_5\d\d|META_FETCH_FAIL/;

function installFailed({ exitCode, stdout, stderr, problem }: Awaited<ReturnType<typeof runCommand>>) {
  const output = `${stdout}\n${stderr}`;
  const away = isNetwork.test(output);
  const lines = lastLines(output, 20);
  return piplError(
    away ? 'unreachable' : 'unresolvable',
    away ? 'PIPL_INSTALL_UNREACHABLE' : 'PIPL_INSTALL',
    {
      what: `The code of the task could not be installed (${problem ?? `pnpm ended with ${exitCode ?? 'a signal'}`}).`,
      why: lines.find((line) => line.includes('ERR_PNPM')) ?? lines.at(-1) ?? 'It did not say why.',
      hint: away
        ? 'Is the registry up, and the npm registry behind it?'
        : 'The log of the run has what pnpm said.',
      problems: lines,
    },
  );
}

/**
 * Removes trees that were not used for longest, until `keep` are left; never one used in the last `minimumAge`
 * milliseconds, as a run may be in it. Returns the hashes of those removed.
 */
export async function removeUnusedTrees(
  trees: string,
  { keep, minimumAge = 24 * 60 * 60 * 1000 }: { keep: number; minimumAge?: number },
): Promise<string[]> {
  const names = (await readdir(trees)).filter((name) => !name.startsWith('.'));
  const used = await Promise.all(
    names.map(async (name) => ({ name, at: (await stat(join(trees, name, 'tree.json'))).mtimeMs })),
  );
  const old = used
    .toSorted((a, b) => b.at - a.at)
    .slice(keep)
    .filter(({ at }) => Date.now() - at > minimumAge);
  for (const { name } of old) {
    // Renamed first: nobody finds half a tree.
    const gone = join(trees, `.old-${process.pid}-${name}`);
    await rename(join(trees, name), gone);
    await makeWritable(gone);
    await rm(gone, { recursive: true, force: true });
  }
  return old.map(({ name }) => name);
}
