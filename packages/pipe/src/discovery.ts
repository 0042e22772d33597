/**
 * The packls that are installed around a folder, found as Node finds packages: by walking up through node_modules.
 *
 * Reads manifests and nothing else: no code of a packl is loaded to know what it offers.
 */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import {
  graphOf,
  type FindPackl,
  type Manifest,
  type PacklAt,
  type PacklGraph,
  piplError,
} from '@pipl/packl';
import { checkedManifest } from './checked-manifest.ts';
import { folderOf } from './folder-of.ts';

export { folderOf } from './folder-of.ts';

export type ParseManifest = (json: unknown, where: string) => Manifest;

export interface Surroundings {
  /** folder of the packl that is asked about */
  readonly packl: string;
  /** of a run: the folder whose node_modules has its code */
  readonly tree?: string | undefined;
  /** of people: the folder around their packls */
  readonly workspace?: string | undefined;
  /** of people: the folder in which `work` installs what the groups called edit bring */
  readonly edit?: string | undefined;
  /** who checks manifests; else only what discovery itself reads is checked */
  readonly parse?: ParseManifest;
}

/** @throws PIPL_MANIFEST naming the packl whose package.json is wrong */
export function graphAround({
  packl,
  tree,
  workspace,
  edit,
  parse = checkedManifest,
}: Surroundings): PacklGraph {
  const find = finder(parse, tree === undefined ? [] : [tree]);
  const root = readAt(packl, parse);
  const tools =
    edit === undefined || !existsSync(join(edit, 'package.json')) ? undefined : readAt(edit, parse);
  const around =
    workspace === undefined || !existsSync(join(workspace, 'package.json')) ? undefined : workspace;
  return graphOf(
    {
      root,
      ...(tools === undefined
        ? {}
        : { edit: { names: Object.keys(tools.manifest.dependencies ?? {}), from: tools.dir } }),
      ...(around === undefined ? {} : { workspace: readAt(around, parse) }),
    },
    find,
  );
}

/**
 * Remembers what it found, and what is not there: for one look around, or for a tree that does not change.
 * @param also folders that are looked in when nothing is found above the one that asks
 */
export function finder(parse: ParseManifest, also: readonly string[]): FindPackl {
  const asked = new Map<string, PacklAt | undefined>();
  const known = new Map<string, PacklAt>();
  const look: FindPackl = (name, from) => {
    const folder = folderOf(name, [from, ...also]);
    if (folder === undefined) return undefined;
    // pnpm's links lead far down: the other one asks the system for every folder on the way
    const dir = realpathSync.native(folder);
    const found = known.get(dir) ?? readAt(dir, parse);
    known.set(dir, found);
    return found;
  };
  return (name, from) => {
    const key = `${from}\0${name}`;
    if (!asked.has(key)) asked.set(key, look(name, from));
    return asked.get(key);
  };
}

/** The package of that name: of the tree itself, or as one of its packages finds it. */
export type FindInTree = (name: string, from?: string) => PacklAt | undefined;

export function findInTree(tree: string, parse: ParseManifest): FindInTree {
  const find = finder(parse, [tree]);
  return (name, from = tree) => find(name, from);
}

/** As {@link graphAround} for a packl that lies anywhere, and whose code is in a tree and nowhere else. */
export function graphWithin(packl: string, find: FindInTree, parse: ParseManifest): PacklGraph {
  const root = readAt(packl, parse);
  return graphOf({ root }, (name, from) => find(name, from === packl ? undefined : from));
}

function readAt(dir: string, parse: ParseManifest): PacklAt {
  const file = join(dir, 'package.json');
  const json = readJson(file);
  // A workspace has no version, and a plain npm package may have anything.
  const { name = '', version = '0.0.0', pipl } = json as Partial<Manifest>;
  if (pipl === undefined) return { dir, manifest: { ...(json as object), name, version } as Manifest };
  return { dir, manifest: parse({ ...(json as object), name, version }, `${file} (${name}@${version})`) };
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw piplError('invalid', 'PIPL_MANIFEST', {
      what: `${file} is not the manifest of a packl.`,
      why: error instanceof Error ? error.message : String(error),
      hint: 'Mend it: it must be one JSON object.',
      cause: error,
    });
  }
}
