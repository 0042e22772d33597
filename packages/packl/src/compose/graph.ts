/**
 * The packls that one packl stands on, dependencies before dependents: the order in which configurations,
 * services and environments are laid over each other.
 *
 * Pure: whoever asks says how a package is found. Followed are packls of kind code and envset, so that a workspace
 * and the tree of a run, which holds no products, give the same graph. What only people get (`groups.edit`) comes
 * after all of it, and the workspace itself last: neither changes what a run sees below it.
 */
import type { Manifest, PiplField } from '../manifest.ts';

export interface PacklAt {
  readonly manifest: Manifest;
  /** real path */
  readonly dir: string;
}

/** The nearest package of that name as seen from a folder. */
export type FindPackl = (name: string, from: string) => PacklAt | undefined;

/** How a packl came into the graph. */
export type Layer = 'dependency' | 'edit' | 'root' | 'workspace';

export interface GraphPackl {
  readonly name: string;
  readonly version: string;
  readonly dir: string;
  readonly field: PiplField;
  readonly manifest: Manifest;
  readonly layer: Layer;
  /** what it finds by name, third party too: name → folder */
  readonly beside: Readonly<Record<string, string>>;
}

export interface PacklGraph {
  /** dependencies first; what comes later overrides */
  readonly packls: readonly GraphPackl[];
  /** each packl of it and each package that one of them asks for and finds: name → versions, as found */
  readonly names: ReadonlyMap<string, readonly string[]>;
  /** asked for and not found, `groups.edit` too */
  readonly missing: readonly { readonly by: string; readonly name: string }[];
}

export interface GraphRoots {
  /** the packl that is asked about */
  readonly root: PacklAt;
  /** people only: what the groups called edit brought, from where they are found */
  readonly edit?: { readonly names: readonly string[]; readonly from: string };
  /** people only: the folder around the packls, when its package.json says something */
  readonly workspace?: PacklAt;
}

export function graphOf({ root, edit, workspace }: GraphRoots, find: FindPackl): PacklGraph {
  const walk = new Walk(find);
  walk.dependenciesOf(root, 'dependency');
  walk.add(root, 'root');
  for (const name of (edit?.names ?? []).toSorted()) {
    const found = find(name, edit!.from);
    if (found === undefined) walk.missing.push({ by: 'groups.edit', name });
    else walk.visit(found, 'edit');
  }
  if (workspace?.manifest.pipl !== undefined) walk.add(workspace, 'workspace');
  const { packls, missing } = walk;
  return { packls, missing, names: walk.names() };
}

class Walk {
  readonly packls: GraphPackl[] = [];
  readonly missing: { by: string; name: string }[] = [];
  readonly #seen = new Set<string>();
  readonly #plain = new Map<string, Set<string>>();
  readonly #find: FindPackl;

  constructor(find: FindPackl) {
    this.#find = find;
  }

  visit(packl: PacklAt, layer: Layer): void {
    const { kind } = packl.manifest.pipl ?? {};
    const follows = kind === 'code' || kind === 'envset' || (kind === 'editor' && layer === 'edit');
    if (!follows || this.#seen.has(packl.dir)) return;
    this.#seen.add(packl.dir);
    this.dependenciesOf(packl, layer);
    this.add(packl, layer);
  }

  /** In the order of their names, so that every machine has the same. */
  dependenciesOf({ manifest, dir }: PacklAt, layer: Layer): void {
    for (const name of asked(manifest).toSorted()) {
      const found = this.#find(name, dir);
      if (found !== undefined) this.visit(found, layer);
    }
  }

  add({ manifest, dir }: PacklAt, layer: Layer): void {
    const { name, version, pipl } = manifest;
    const beside: [string, string][] = [];
    for (const wanted of asked(manifest)) {
      const found = this.#find(wanted, dir);
      if (found === undefined) this.missing.push({ by: name, name: wanted });
      else if (found.manifest.pipl?.kind !== 'product') {
        beside.push([wanted, found.dir]);
        this.#plain.set(wanted, (this.#plain.get(wanted) ?? new Set()).add(found.manifest.version));
      }
    }
    if (pipl === undefined) return;
    this.packls.push({
      name,
      version,
      dir,
      field: pipl,
      manifest,
      layer,
      beside: Object.fromEntries(beside),
    });
  }

  names(): ReadonlyMap<string, readonly string[]> {
    const all = new Map([...this.#plain].map(([name, versions]) => [name, [...versions]]));
    for (const { name, version } of this.packls)
      all.set(name, [...new Set([...(all.get(name) ?? []), version])]);
    return all;
  }
}

const asked = ({ dependencies, optionalDependencies, peerDependencies }: Manifest): string[] =>
  Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });

export const specOf = ({ name, version }: { readonly name: string; readonly version: string }): string =>
  `${name}@${version}`;
