/**
 * What the packls of a workspace stand on, all the way down: two versions of one packl, peers that are not met, and
 * names that two packls declare which do not know each other. Reads manifests, loads no code.
 */
import type { Manifest } from '@pipl/packl';
import { satisfies } from 'semver';
import type { Finding } from './doctor-words.ts';
import { graphHere } from './workspace-graph.ts';

type Found = Omit<Finding, 'check'>;

/** A packl and what it stands on: manifests of packls, and of every name that is asked for the versions there are. */
export interface Around {
  readonly manifests: readonly Manifest[];
  readonly names: ReadonlyMap<string, readonly string[]>;
}

/** What each of these folders stands on. @throws PIPL_MANIFEST naming the packl */
export async function aroundEach(folders: readonly string[]): Promise<readonly Around[]> {
  const all = await Promise.all(folders.map((from) => graphHere({ from, env: {} })));
  return all.flatMap((around) =>
    around === undefined
      ? []
      : [{ manifests: around.graph.packls.map(({ manifest }) => manifest), names: around.graph.names }],
  );
}

const asksFor = ({ dependencies, peerDependencies }: Manifest): Readonly<Record<string, string>> => ({
  ...dependencies,
  ...peerDependencies,
});

const specOf = ({ name, version }: Manifest): string => `${name}@${version}`;

/** Pure. Two of them would be two of what is one: each with its own services and types. */
export function severalVersions({ manifests, names }: Around): Found[] {
  const packls = new Set(manifests.map(({ name }) => name));
  return [...packls].flatMap((name) => {
    const versions = [...new Set(names.get(name))].toSorted();
    if (versions.length < 2) return [];
    const asking = manifests.flatMap((one) => {
      const range = asksFor(one)[name];
      return range === undefined ? [] : [`${specOf(one)} asks for ${range}`];
    });
    return [
      {
        state: 'problem',
        what: `There are ${versions.length} versions of ${name}: ${versions.join(', ')}; ${asking.join(', ')}.`,
        fix: `Let all ask for one range: pipl work update ${name} --latest; or take a newer version of who asks for the old one.`,
      } as const,
    ];
  });
}

/** Pure. An optional peer may be absent; one that is there must fit all the same. */
export function unmetPeers({ manifests, names }: Around): Found[] {
  return manifests.flatMap((one) =>
    Object.entries(one.peerDependencies ?? {}).flatMap(([peer, range]) => {
      const there = names.get(peer) ?? [];
      if (there.length === 0 && one.peerDependenciesMeta?.[peer]?.optional === true) return [];
      if (there.some((version) => satisfies(version, range, { includePrerelease: true }))) return [];
      const has = there.length === 0 ? 'it is not here' : `${there.join(', ')} is here`;
      return [
        {
          state: 'problem',
          what: `${specOf(one)} asks for its peer ${peer} ${range}, and ${has}.`,
          fix:
            there.length === 0
              ? `pipl work sync installs what is asked for; if it stays away: pipl packl add '${peer}@${range}'.`
              : `pipl packl add '${peer}@${range}'; or take a version of ${one.name} that goes with what is here.`,
        } as const,
      ];
    }),
  );
}

const groups = ['services', 'assetTypes', 'productTypes', 'taskTypes'] as const;

/** Pure. A packl that stands on the other, however far down, overrides it, which is meant. */
export function conflictsOf(manifests: readonly Manifest[]): Found[] {
  const below = reachable(manifests);
  const declaring = new Map<string, Manifest[]>();
  for (const manifest of manifests) {
    const { pipl } = manifest;
    if (pipl?.kind !== 'code') continue;
    for (const group of groups) {
      for (const name of Object.keys(pipl[group] ?? {})) {
        const key = `${group}.${name}`;
        declaring.set(key, [...(declaring.get(key) ?? []), manifest]);
      }
    }
  }
  const knows = (a: Manifest, b: Manifest) => a.name === b.name || below.get(a.name)?.has(b.name) === true;
  return [...declaring].flatMap(([key, by]) => {
    const strangers = by.filter((one) => by.some((other) => !knows(one, other) && !knows(other, one)));
    if (strangers.length === 0) return [];
    return [
      {
        state: 'problem',
        what: `pipl.${key} is declared by ${strangers.map(({ name }) => name).join(' and ')}.`,
        fix: 'Rename one, or let one depend on the other: then it overrides it.',
      } as const,
    ];
  });
}

/** name → names of everything that it stands on */
function reachable(manifests: readonly Manifest[]): ReadonlyMap<string, ReadonlySet<string>> {
  const direct = new Map<string, string[]>();
  for (const one of manifests)
    direct.set(one.name, [...(direct.get(one.name) ?? []), ...Object.keys(asksFor(one))]);
  return new Map(
    [...direct.keys()].map((name) => {
      const seen = new Set<string>();
      const queue = [...direct.get(name)!];
      for (const next of queue) {
        if (seen.has(next)) continue;
        seen.add(next);
        queue.push(...(direct.get(next) ?? []));
      }
      return [name, seen];
    }),
  );
}
