/**
 * What pnpm installs for a run: the code that the task needs, never its inputs.
 *
 * In it: the code and envset packls that the task asks for itself (plain npm packages of the view count as code)
 * and `@pipl/pipe`, all such packls they reach, the third-party packages of the task and of all these, merged. Not in it:
 * tasks and products, and code that only they need; so publishing a product needs no new install.
 */
import { shortHash } from './canonical.ts';
import type { Row } from './change.ts';
import { keyOf } from './closure.ts';
import type { ResolvedRow } from './closure.ts';
import type { Told } from './lock.ts';
import { pnpmLock } from './pnpm-lock.ts';
import type { LockEntry } from './pnpm-lock.ts';
import { childKeys, higher, mergeLocks, readSnapshotKey, snapshotKey } from './third-party-graph.ts';
import type { ThirdPartyGraph } from './third-party-graph.ts';
import type { CodeLock } from './ticket.ts';

/** Is the packl code that a run loads? */
export function isInstalled({ manifest }: Row): boolean {
  switch (manifest.pipl?.kind) {
    case undefined:
    case 'code':
    case 'envset':
      return true;
    case 'task':
    case 'product':
    case 'editor':
      return false;
  }
}

// A production has few trees of code and many tasks that run in each: the newest are kept.
const made = new Map<string, CodeLock>();
const keptLocks = 256;

/** @param closure what the task reads, in the order of the keys */
export function codeLockOf(root: Told, closure: readonly Told[]): CodeLock {
  const key = closureKey(root, closure);
  const known = made.get(key);
  if (known !== undefined) return known;
  const lock = lockOfTree(root.resolved, reachable(root, closure));
  if (made.size >= keptLocks) made.clear();
  made.set(key, lock);
  return lock;
}

/** All that the lock is made from, and what of the code is only read by others: code of one id never changes. */
function closureKey({ resolved: { row, packls, thirdParty } }: Told, closure: readonly Told[]): string {
  let key = row.thirdParty === undefined ? '0' : String(idOf(row.thirdParty));
  for (const { id, resolved, isInstalled: isCode } of closure)
    if (isCode) key += packls.get(resolved.row.name) === resolved.row ? ` +${id}` : ` ${id}`;
  key += ' |';
  for (const peer in row.manifest.peerDependencies) key += ` ${peer}`;
  if (thirdParty.required.size + thirdParty.optional.size === 0) return key;
  return [key, '|', ...thirdParty.required, '|', ...thirdParty.optional].flat().join(' ');
}

const ids = new WeakMap<object, number>();
let lastId = 0;

function idOf(one: object): number {
  const id = ids.get(one) ?? (lastId += 1);
  ids.set(one, id);
  return id;
}

function lockOfTree(root: ResolvedRow, tree: readonly ResolvedRow[]): CodeLock {
  const sources = [root, ...tree];
  const graph = mergeLocks(sources.flatMap(({ row }) => row.thirdParty ?? []));
  const peers = sharedPeers(sources);
  const own = new Map(sources.map((source) => [source, edgesOf(source, peers)]));

  const direct = own.get(root)!;
  const importer = { ...direct.optional, ...direct.required };
  const required = [importer, ...tree.map((source) => own.get(source)!.required)].flatMap(childKeys);
  const optional = tree.flatMap((source) => childKeys(own.get(source)!.optional));
  const entries = [
    ...tree.map((source) => packlEntry(source.row, own.get(source)!)),
    ...thirdPartyEntries(graph, required, optional),
  ];
  const lockfile = pnpmLock(importer, entries);
  return { hash: shortHash(lockfile), dependencies: specifiers(importer), lockfile };
}

/** The packls of the tree, in the order of the closure. */
function reachable(root: Told, closure: readonly Told[]): ResolvedRow[] {
  const sources = new Map(closure.map(({ resolved }) => [resolved.row, resolved]));
  const found = new Set<Row>();
  const waiting = [...root.resolved.packls.values()];
  for (let row = waiting.pop(); row !== undefined; row = waiting.pop()) {
    if (found.has(row) || !isInstalled(row)) continue;
    found.add(row);
    waiting.push(...sources.get(row)!.packls.values());
  }
  return closure.map(({ resolved }) => resolved).filter(({ row }) => found.has(row));
}

interface TreeEdges {
  readonly required: Record<string, string>;
  readonly optional: Record<string, string>;
}

/** What one packl of the tree has beside it in its node_modules. */
function edgesOf({ packls, thirdParty }: ResolvedRow, peers: ReadonlyMap<string, string>): TreeEdges {
  const required = [...thirdParty.required].map(([name, key]) => [
    name,
    referenceFor(name, peers.get(name) ?? key),
  ]);
  const optional = [...thirdParty.optional].map(([name, key]) => [name, referenceFor(name, key)]);
  const code = [...packls]
    .filter(([, packl]) => isInstalled(packl))
    .map(([name, { version }]) => [name, version]);
  return { required: Object.fromEntries([...required, ...code]), optional: Object.fromEntries(optional) };
}

/** A third-party peer is one instance too: the highest that any packl of the tree recorded. */
function sharedPeers(sources: readonly ResolvedRow[]): Map<string, string> {
  const asked = new Set(sources.flatMap(({ row }) => Object.keys(row.manifest.peerDependencies ?? {})));
  const shared = new Map<string, string>();
  for (const { thirdParty } of sources) {
    for (const [name, key] of thirdParty.required) {
      if (asked.has(name)) shared.set(name, shared.has(name) ? higher(shared.get(name)!, key) : key);
    }
  }
  return shared;
}

const referenceFor = (name: string, key: string): string => {
  const { name: real, version, suffix } = readSnapshotKey(snapshotKey(name, key));
  return real === name ? version + suffix : key;
};

/** What `package.json` of the tree says: exact versions, `npm:` for an alias. */
function specifiers(importer: Readonly<Record<string, string>>): Record<string, string> {
  const names = Object.keys(importer).toSorted();
  return Object.fromEntries(names.map((name) => [name, specifierOf(name, importer[name]!)]));
}

export function specifierOf(name: string, reference: string): string {
  const { name: real, version } = readSnapshotKey(snapshotKey(name, reference));
  return real === name ? version : `npm:${real}@${version}`;
}

function packlEntry(
  { name, version, integrity, manifest }: Row,
  { required, optional }: TreeEdges,
): LockEntry {
  const { engines, cpu, os, libc, bin, directories } = manifest;
  const binDir = typeof directories === 'object' && directories !== null && 'bin' in directories;
  const hasBin = binDir || typeof bin === 'string' || (typeof bin === 'object' && bin !== null);
  const described = { resolution: { integrity }, engines, cpu, os, libc, ...(hasBin ? { hasBin } : {}) };
  return {
    key: keyOf({ name, version }),
    package: described,
    snapshot: { dependencies: required, optionalDependencies: optional },
  };
}

/** Only what is reached from the tree; what is reached through optional edges alone may fail to install. */
function thirdPartyEntries(graph: ThirdPartyGraph, required: string[], optional: string[]): LockEntry[] {
  const needed = reach(graph, required, ['dependencies']);
  const all = reach(graph, [...needed, ...optional], ['dependencies', 'optionalDependencies']);
  return [...all].toSorted().map((key) => {
    const { optional: _, ...snapshot } = graph.snapshots.get(key)!;
    return {
      key,
      package: graph.packages.get(readSnapshotKey(key).packageKey)!,
      snapshot: needed.has(key) ? snapshot : { ...snapshot, optional: true },
    };
  });
}

type Edge = 'dependencies' | 'optionalDependencies';

function reach({ snapshots }: ThirdPartyGraph, from: string[], edges: readonly Edge[]): Set<string> {
  const found = new Set<string>();
  const waiting = [...from];
  for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
    const snapshot = snapshots.get(key);
    if (snapshot === undefined || found.has(key)) continue;
    found.add(key);
    waiting.push(...edges.flatMap((edge) => childKeys(snapshot[edge])));
  }
  return found;
}
