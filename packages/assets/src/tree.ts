/**
 * The canonical manifest of a folder or sequence: one line of JSON for each file, sorted by path.
 *
 * Equal folders have equal bytes here, whatever the machine, so the digest of these bytes is the digest of the
 * folder. Times, owners and empty folders are outside it. What is read back is checked: a product is free to
 * name any digest, and a path in it must not lead out of the checkout.
 */
import { contentCorrupt } from './failures.ts';

export interface TreeEntry {
  /** relative, `/` between names */
  readonly path: string;
  readonly executable: boolean;
  /** bytes */
  readonly size: number;
  /** `sha256:<hex>` of the bytes */
  readonly digest: string;
}

const byPath = (a: TreeEntry, b: TreeEntry): number => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0);

export const renderTree = (entries: readonly TreeEntry[]): string =>
  entries
    .toSorted(byPath)
    .map(
      ({ path, executable, size, digest }) =>
        `${JSON.stringify({ path, x: executable, size, sha256: digest })}\n`,
    )
    .join('');

/** @throws PIPL_ASSET_CORRUPT when the text is not such a manifest or a path is not safe */
export function parseTree(text: string, digest: string): TreeEntry[] {
  const entries = text
    .split('\n')
    .slice(0, -1)
    .map((line, index) => parseLine(line) ?? { problem: `line ${index + 1} is not a file of a folder` });
  const problems = entries.flatMap((entry) => ('problem' in entry ? [entry.problem] : []));
  const good = entries.filter((entry) => 'path' in entry);
  if (good.length === 0 && problems.length === 0) problems.push('it names no file');
  if (renderTree(good) !== text && problems.length === 0) problems.push('it is not in canonical form');
  if (new Set(good.map(({ path }) => path)).size < good.length) problems.push('it names a file twice');
  if (problems.length > 0) throw contentCorrupt(digest, problems);
  return good;
}

function parseLine(line: string): TreeEntry | undefined {
  let written: unknown;
  try {
    written = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof written !== 'object' || written === null) return undefined;
  const { path, x, size, sha256 } = written as Record<string, unknown>;
  if (typeof path !== 'string' || !isSafePath(path) || typeof x !== 'boolean') return undefined;
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0 || !isDigest(sha256))
    return undefined;
  return { path, executable: x, size, digest: sha256 };
}

export const isDigest = (value: unknown): value is string =>
  typeof value === 'string' && /^sha256:[0-9a-f]{64}$/.test(value);

/** One name of a file: no way up, no separator of any system. */
export const isSafeName = (name: string): boolean =>
  name !== '' && name !== '.' && name !== '..' && !/[/\\\0]/.test(name);

const isSafePath = (path: string): boolean => path.split('/').every(isSafeName);
