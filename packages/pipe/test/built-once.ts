/**
 * What a `build.mjs` makes of the sources of now: built by the first test that asks, found by all others, also in
 * the next run. Each state of the sources has a folder of its own, so nobody gets what was built of others; and as
 * that folder keeps its name, Node's compile cache knows what is in it.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  globSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { join, relative, resolve } from 'node:path';

const repository = resolve(import.meta.dirname, '../../..');
/** All that a bundle is made of: sources, the scripts that build, and the projects and documents of templates. */
const ingredients = [
  'pnpm-lock.yaml',
  'packages/*/*.{mjs,json}',
  '{registry,ci,packages/*}/src/**/*',
  'projects/*/**/*',
  'docs/**/*',
];
/** Which a bundle of the command brings along. */
const pipes = 'packages/pipe/dist/*.tgz';
const keptMs = 3_600_000;

/** @param pack folder of the package whose `build.mjs` it is @returns the folder that it filled: not to be changed */
export function builtOnce(pack: string): string {
  const known = builtHere.get(pack) ?? findOrBuild(pack);
  builtHere.set(pack, known);
  return known;
}

/** Of this process: reading all sources for each server that a test starts takes as long as a command. */
const builtHere = new Map<string, string>();

function findOrBuild(pack: string): string {
  // Below node_modules, where a bundle finds Verdaccio as the installed one does.
  const folder = join(pack, 'node_modules', `.built-for-tests-${digestOf(ingredients)}`);
  if (!existsSync(folder)) build(pack, folder);
  const now = new Date();
  utimesSync(folder, now, now);
  return folder;
}

/** Two may build at once: the second finds the place taken, by the same. */
function build(pack: string, folder: string): void {
  const own = `${folder}.${process.pid}`;
  execFileSync(process.execPath, [join(pack, 'build.mjs'), own], { stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    renameSync(own, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
    rmSync(own, { recursive: true });
  }
  forgetOlder(join(pack, 'node_modules'));
}

function forgetOlder(modules: string): void {
  for (const name of readdirSync(modules)) {
    if (!name.startsWith('.built-for-tests-')) continue;
    const folder = join(modules, name);
    const { mtimeMs } = statSync(folder, { throwIfNoEntry: false }) ?? { mtimeMs: Infinity };
    if (Date.now() - mtimeMs > keptMs) rmSync(folder, { recursive: true, force: true });
  }
}

function digestOf(patterns: readonly string[]): string {
  const hash = createHash('sha256');
  const exclude = (path: string): boolean => /(?:^|\/)(?:node_modules|dist|test)$/.test(path);
  const found = [
    ...globSync(patterns, { cwd: repository, exclude }),
    ...globSync(pipes, { cwd: repository }),
  ];
  for (const path of found.toSorted()) {
    const file = join(repository, path);
    if (statSync(file).isFile()) hash.update(`${relative(repository, file)}\0`).update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 16);
}
