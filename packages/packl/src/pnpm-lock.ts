/**
 * The text of `pnpm-lock.yaml`, version 9, for one importer with exact versions: what
 * `pnpm install --frozen-lockfile` is handed, so that it installs and decides nothing.
 *
 * Equal locks are equal texts: the hash of this text names the installed tree. It is written as pnpm 12 writes it;
 * only the peers of packls are ordinary dependencies here, as there is one instance of each.
 */
import { readSnapshotKey, snapshotKey } from './third-party-graph.ts';
import type { ThirdPartySnapshot } from './third-party.ts';
import { yamlBlock } from './yaml.ts';

export interface LockEntry {
  /** snapshot key */
  readonly key: string;
  /** entry of `packages`: resolution, engines, os, cpu, libc, hasBin, peerDependencies … */
  readonly package: Readonly<Record<string, unknown>>;
  /** entry of `snapshots`; other keys are left out */
  readonly snapshot: ThirdPartySnapshot;
}

/** Settings that are part of the file; an install with others would call the lock out of date. */
export const lockSettings = { autoInstallPeers: true, excludeLinksFromLockfile: false } as const;

/** @param importer what the tree depends on: name → version with peer suffix, or the whole key of an alias */
export function pnpmLock(importer: Readonly<Record<string, string>>, entries: readonly LockEntry[]): string {
  const dependencies = Object.keys(importer).map((name) => {
    const { name: real, version } = readSnapshotKey(snapshotKey(name, importer[name]!));
    const specifier = real === name ? version : `npm:${real}@${version}`;
    return [name, { specifier, version: importer[name]! }] as const;
  });
  const packages = entries.map((entry) => [readSnapshotKey(entry.key).packageKey, entry.package] as const);
  const snapshots = entries.map(({ key, snapshot }) => [key, ordered(snapshot)] as const);
  return [
    "lockfileVersion: '9.0'\n",
    yamlBlock({ settings: lockSettings }),
    `importers:\n\n${yamlBlock({ '.': { dependencies: sorted(dependencies) } }, 1)}`,
    section('packages', sorted(packages)),
    section('snapshots', sorted(snapshots)),
  ]
    .filter((text) => text !== '')
    .join('\n');
}

/** pnpm sets the entries of the two long sections apart by blank lines. */
function section(name: string, entries: Readonly<Record<string, unknown>>): string {
  const texts = Object.entries(entries).map(([key, entry]) => yamlBlock({ [key]: entry }, 1));
  return texts.length === 0 ? '' : `${name}:\n\n${texts.join('\n')}`;
}

/** Locks that were merged and locks that were not must come out alike. */
const ordered = (snapshot: ThirdPartySnapshot): object => ({
  dependencies: sorted(Object.entries(snapshot.dependencies ?? {})),
  optionalDependencies: sorted(Object.entries(snapshot.optionalDependencies ?? {})),
  transitivePeerDependencies: snapshot['transitivePeerDependencies'],
  optional: snapshot['optional'],
});

const sorted = <T>(entries: readonly (readonly [string, T])[]): Record<string, T> =>
  Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
