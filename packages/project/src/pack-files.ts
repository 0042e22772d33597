/**
 * Which files of a packl travel, and what they become: the `files` of its package.json, or everything but
 * hidden files, node_modules, locks and, where src holds TypeScript, an old dist.
 *
 * package.json, README, LICENSE and the history always travel. Symbolic links and checked-out assets never do. TypeScript below src is
 * packed as it is and, stripped, below dist.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, matchesGlob } from 'node:path';
import { type Manifest, piplError } from '@pipl/packl';
import { checkoutFile } from './assets-checkout.ts';
import { asPiplError } from './atomic-file.ts';
import { historyFile } from './packl-history.ts';
import { strippedModule, strippedPath } from './strip-types.ts';

export interface PackedFile {
  readonly data: Uint8Array;
  readonly mode: number;
}
export type PackedFiles = Map<string, PackedFile>;

const never = new Set([
  'node_modules',
  'pnpm-lock.yaml',
  'package-lock.json',
  'yarn.lock',
  'pnpm-workspace.yaml',
]);
const always = /^(?:package\.json|\.pipl-history\.jsonl|(?:readme|licen[cs]e|notice)(?:\.[a-z]+)?)$/i;

/** @throws PIPL_FILES_MISSING when an entry of `files` names nothing, PIPL_TYPESCRIPT */
export async function packedFiles(folder: string, manifest: Manifest): Promise<PackedFiles> {
  const patterns = filesOf(manifest);
  const all = await filesBelow(folder, '');
  const chosen = patterns ? chosenBy(patterns, all, manifest.name) : all;
  const built = new Set(all.flatMap((path) => strippedPath(path) ?? []));
  const packed: PackedFiles = new Map();
  for (const path of chosen) {
    if (built.size > 0 && path.startsWith('dist/') && patterns === undefined) continue;
    if (!built.has(path)) packed.set(path, await readPacked(join(folder, path)));
  }
  for (const path of all) {
    const to = strippedPath(path);
    if (to === undefined) continue;
    const source = packed.get(path) ?? (await readPacked(join(folder, path)));
    const code = await strippedModule(Buffer.from(source.data).toString('utf8'), join(folder, path));
    packed.set(path, source);
    packed.set(to, { data: Buffer.from(code), mode: source.mode });
  }
  return packed;
}

const filesOf = (manifest: Manifest): readonly string[] | undefined => {
  const written = manifest['files'];
  return Array.isArray(written) ? written.filter((entry) => typeof entry === 'string') : undefined;
};

function chosenBy(patterns: readonly string[], all: readonly string[], name: string): string[] {
  const wanted = patterns.filter((pattern) => !pattern.startsWith('!')).map(plain);
  const unwanted = patterns
    .filter((pattern) => pattern.startsWith('!'))
    .map((pattern) => plain(pattern.slice(1)));
  // A dist that publish will make may be named before it is there.
  const empty = wanted.filter((pattern) => pattern !== 'dist' && !all.some((path) => fits(path, pattern)));
  if (empty.length > 0) {
    throw piplError('invalid', 'PIPL_FILES_MISSING', {
      what: `${name} names files that are not there: ${empty.join(', ')}.`,
      why: 'Each entry of "files" in package.json must name a file, a folder or a pattern with a match.',
      hint: 'Mend "files", or leave it out: then everything travels.',
    });
  }
  return all.filter(
    (path) =>
      always.test(path) ||
      (wanted.some((pattern) => fits(path, pattern)) && !unwanted.some((pattern) => fits(path, pattern))),
  );
}

const plain = (pattern: string): string => pattern.replace(/^\.?\//, '').replace(/\/$/, '');
const fits = (path: string, pattern: string): boolean =>
  path === pattern ||
  path.startsWith(`${pattern}/`) ||
  matchesGlob(path, pattern) ||
  matchesGlob(path, `${pattern}/**`);

/** Relative paths with `/`, sorted; hidden ones, links and what never travels left out. */
async function filesBelow(folder: string, below: string): Promise<string[]> {
  const entries = await readdir(join(folder, below), { withFileTypes: true }).catch((error: unknown) => {
    throw asPiplError(error, folder);
  });
  // The assets of other products: who needs them asks for those products.
  if (entries.some(({ name }) => name === checkoutFile)) return [];
  const found = await Promise.all(
    entries.map(async (entry) => {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (never.has(entry.name) || (entry.name.startsWith('.') && path !== historyFile)) return [];
      if (entry.isDirectory()) return filesBelow(folder, path);
      return entry.isFile() ? [path] : [];
    }),
  );
  return found.flat().toSorted();
}

async function readPacked(file: string): Promise<PackedFile> {
  const { mode } = await stat(file);
  return { data: await readFile(file), mode: (mode & 0o111) === 0 ? 0o644 : 0o755 };
}
