/**
 * Several third-party locks as one graph.
 *
 * Two packls may have recorded different children for one `foo@1.0.0`, and one snapshot key holds one set of
 * children: so locks are merged per edge and the higher version wins. Which of two equals is taken depends on
 * text, never on the order in which locks come.
 */
import semver from 'semver';
import type { ThirdPartyLock, ThirdPartyPackage, ThirdPartySnapshot } from './third-party.ts';

type Edges = Record<string, string>;

export interface ThirdPartyGraph {
  readonly packages: ReadonlyMap<string, ThirdPartyPackage>;
  readonly snapshots: ReadonlyMap<string, ThirdPartySnapshot>;
}

/** `foo` and `1.0.0(bar@2.0.0)` → `foo@1.0.0(bar@2.0.0)`; an alias holds the whole key already. */
export function snapshotKey(name: string, reference: string): string {
  const beforePeers = reference.split('(')[0]!;
  return beforePeers.includes('@') ? reference : `${name}@${reference}`;
}

/** `@x/foo@1.0.0(bar@2.0.0)` → name, version, and the key in `packages`. */
export function readSnapshotKey(key: string): {
  name: string;
  version: string;
  packageKey: string;
  suffix: string;
} {
  const bracket = key.indexOf('(');
  const packageKey = bracket < 0 ? key : key.slice(0, bracket);
  const at = packageKey.indexOf('@', 1);
  return {
    name: packageKey.slice(0, at),
    version: packageKey.slice(at + 1),
    packageKey,
    suffix: key.slice(packageKey.length),
  };
}

export const childKeys = (edges: Readonly<Edges> | undefined): string[] =>
  Object.entries(edges ?? {}).map(([name, reference]) => snapshotKey(name, reference));

const gaps = new WeakMap<ThirdPartyLock, readonly { name: string; range: string }[]>();

/** What a lock refers to and does not have. Empty for every lock that pnpm made. */
export function gapsOf(lock: ThirdPartyLock): readonly { name: string; range: string }[] {
  const known = gaps.get(lock);
  if (known !== undefined) return known;
  const found = new Map<string, { name: string; range: string }>();
  const seen = new Set<string>();
  const waiting = childKeys(lock.direct);
  for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
    if (seen.has(key)) continue;
    seen.add(key);
    const { name, version, packageKey } = readSnapshotKey(key);
    const snapshot = lock.snapshots[key];
    const { integrity } = lock.packages[packageKey]?.resolution ?? {};
    if (snapshot === undefined || integrity === undefined) found.set(key, { name, range: version });
    waiting.push(...childKeys(snapshot?.dependencies), ...childKeys(snapshot?.optionalDependencies));
  }
  const result = [...found.values()];
  gaps.set(lock, result);
  return result;
}

export function mergeLocks(locks: readonly ThirdPartyLock[]): ThirdPartyGraph {
  const packages = new Map<string, ThirdPartyPackage>();
  const snapshots = new Map<string, ThirdPartySnapshot>();
  for (const lock of locks) {
    for (const [key, entry] of Object.entries(lock.packages)) {
      packages.set(key, laterText(packages.get(key), entry));
    }
    for (const [key, snapshot] of Object.entries(lock.snapshots)) {
      snapshots.set(key, mergeSnapshots(snapshots.get(key), snapshot));
    }
  }
  return { packages, snapshots };
}

/** The reference with the higher version; of two with the same version, the later text. */
export function higher(one: string, other: string): string {
  const [a, b] = [one, other].map((reference) => readSnapshotKey(snapshotKey('x', reference)).version);
  const order = semver.valid(a) !== null && semver.valid(b) !== null ? semver.compare(a!, b!) : 0;
  if (order !== 0) return order > 0 ? one : other;
  return one > other ? one : other;
}

function mergeSnapshots(one: ThirdPartySnapshot | undefined, other: ThirdPartySnapshot): ThirdPartySnapshot {
  if (one === undefined) return other;
  const optional = mergeEdges(one.optionalDependencies, other.optionalDependencies);
  const required = mergeEdges(one.dependencies, other.dependencies);
  for (const [name, reference] of Object.entries(optional)) {
    // Asked for plainly by one of the two: no longer optional.
    if (required[name] === undefined) continue;
    required[name] = higher(required[name], reference);
    delete optional[name];
  }
  const peers = [...new Set([...peerNames(one), ...peerNames(other)])].toSorted();
  return {
    ...(Object.keys(required).length === 0 ? {} : { dependencies: required }),
    ...(Object.keys(optional).length === 0 ? {} : { optionalDependencies: optional }),
    ...(peers.length === 0 ? {} : { transitivePeerDependencies: peers }),
  };
}

const peerNames = ({ transitivePeerDependencies: names }: ThirdPartySnapshot): string[] =>
  Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [];

export function mergeEdges(one: Readonly<Edges> = {}, other: Readonly<Edges> = {}): Edges {
  const merged: Edges = { ...one };
  for (const [name, reference] of Object.entries(other)) {
    merged[name] = merged[name] === undefined ? reference : higher(merged[name], reference);
  }
  return merged;
}

/** One name and version is one tarball; where two locks disagree, installing fails on the integrity and says so. */
function laterText(one: ThirdPartyPackage | undefined, other: ThirdPartyPackage): ThirdPartyPackage {
  return one === undefined || JSON.stringify(one) < JSON.stringify(other) ? other : one;
}
