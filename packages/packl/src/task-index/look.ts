/**
 * What one task reads now: `resolveTask` on the graph, with a hash in the place of a lock. Peers are found in
 * rounds; every group of any round stays joined, because an early one has its say.
 */
import { thirdPartyOf } from '../asks.ts';
import type { Row } from '../change.ts';
import type { ResolvedRow } from '../closure.ts';
import { lockOf, undeclaredInputs } from '../lock.ts';
import type { RunLock } from '../lock.ts';
import { pipeName } from '../resolve.ts';
import type { Graph } from './graph.ts';
import { sharesAsPeer } from './node.ts';
import type { Group, Node, TaskEntry } from './node.ts';
import { add, mix, type Hash } from './hash.ts';

/** What a task reads, as of a look: right until something changes that it reads. */
export interface Reading {
  readonly task: TaskEntry;
  /** peers that somebody requires: every range asked in any round */
  readonly ranges: Map<string, Set<string>>;
  readonly peers: Map<string, Node>;
  readonly groups: Set<Group>;
  /** the task first */
  closure: readonly Node[];
  /** of the task itself, as of the last walk */
  rootEdges: readonly Edge[];
}

let walks = 0;

/** Looks at the task again: its inputs are those of the answer. */
export function lookAgain(graph: Graph, task: TaskEntry): Reading {
  const reading = read(graph, task);
  const before = task.groups;
  task.groups = reading.groups;
  for (const group of before) if (!reading.groups.has(group)) graph.leave(task, group);
  return reading;
}

/** What the task reads; nothing may have changed since its last look. */
export function read(graph: Graph, task: TaskEntry): Reading {
  const reading: Reading = {
    task,
    ranges: new Map(),
    peers: new Map(),
    groups: new Set(),
    closure: [],
    rootEdges: [],
  };
  if (graph.view.has(pipeName)) reading.ranges.set(pipeName, new Set());
  for (let names = -1; ;) {
    const isOther = pickPeers(graph, reading) || reading.ranges.size !== names;
    // More ranges that come to the same picks: the walk would be the one that was made.
    if (!isOther) return reading;
    names = reading.ranges.size;
    reading.closure = walk(reading);
    if (!collectAsks(reading)) return reading;
  }
}

/** The run lock of a task that misses nothing: the one that `resolveTask` would make. */
export const runLockOf = (graph: Graph, reading: Reading): RunLock =>
  lockOf(
    reading.task.root.row,
    reading.closure.map((node) => resolvedOf(graph, reading, node)),
  );

/** Shared by all tasks for which it got the same. */
function resolvedOf({ view }: Graph, reading: Reading, node: Node): ResolvedRow {
  const { resolved } = node;
  if (resolved !== undefined && node !== reading.task.root && !node.isDouble)
    if (gotThesePeers(resolved, reading, node)) return resolved;
  const packls = new Map<string, Row>();
  for (const { name, node: child } of edgesIn(reading, node))
    if (child !== undefined) packls.set(name, child.row);
  const fresh = { row: node.row, packls, thirdParty: thirdPartyOf(view, node.row) };
  if (node !== reading.task.root) node.resolved = fresh;
  return fresh;
}

const gotThesePeers = ({ packls }: ResolvedRow, { ranges, peers }: Reading, node: Node): boolean =>
  node.peers.every(({ name }) => packls.get(name) === (ranges.has(name) ? peers.get(name)?.row : undefined));

/** @returns is a pick another one than before? */
function pickPeers(graph: Graph, { task, ranges, peers, groups }: Reading): boolean {
  let isOther = false;
  for (const [name, asked] of ranges) {
    const group = graph.join(task, name, asked.size < 2 ? [...asked] : [...asked].toSorted());
    const { picked } = group;
    groups.add(group);
    if (peers.get(name) === picked) continue;
    isOther = true;
    if (picked === undefined) peers.delete(name);
    else peers.set(name, picked);
  }
  return isOther;
}

function walk(reading: Reading): Node[] {
  walks += 1;
  const { root } = reading.task;
  const { ranges, peers } = reading;
  reading.rootEdges = edgesOf(reading, root);
  const closure: Node[] = [];
  const waiting: Node[] = [root];
  const go = (child: Node | undefined) => {
    if (child !== undefined && child.seen !== walks) waiting.push(child);
  };
  while (waiting.length > 0) {
    const node = waiting.pop()!;
    if (node.seen === walks) continue;
    node.seen = walks;
    closure.push(node);
    if (node === root || node.isDouble) {
      for (const edge of edgesIn(reading, node)) go(edge.node);
      continue;
    }
    for (const { group } of node.own) go(group.picked);
    for (const { name } of node.peers) if (ranges.has(name)) go(peers.get(name));
  }
  return closure;
}

interface Edge {
  readonly name: string;
  /** undefined: nobody can have it */
  readonly node: Node | undefined;
}

const edgesIn = (reading: Reading, node: Node): readonly Edge[] =>
  node === reading.task.root ? reading.rootEdges : edgesOf(reading, node);

/** The shared instance of a peer replaces the own pick; of the task itself, that of any name it asks for. */
function edgesOf({ task, ranges, peers }: Reading, node: Node): Edge[] {
  const isRoot = node === task.root;
  const edges: Edge[] = [];
  for (const { ask, group } of node.own) {
    const { name } = ask;
    if (!ranges.has(name)) edges.push({ name, node: group.picked });
    else if (isRoot) edges.push({ name, node: peers.get(name) });
    else if (!sharesAsPeer(node.peers, name)) edges.push({ name, node: group.picked });
  }
  const isOwn = (name: string) => node.own.some(({ ask }) => ask.name === name);
  for (const { name } of node.peers)
    if (ranges.has(name) && !(isRoot && isOwn(name))) edges.push({ name, node: peers.get(name) });
  if (isRoot && ranges.has(pipeName) && !isOwn(pipeName) && !sharesAsPeer(node.peers, pipeName))
    edges.push({ name: pipeName, node: peers.get(pipeName) });
  return edges;
}

/** Adds what the closure asks of peers; true when that is more than before. */
function collectAsks({ task, ranges, closure }: Reading): boolean {
  let grew = false;
  const ask = (name: string, range?: string) => {
    const known = ranges.get(name);
    if (known === undefined) {
      ranges.set(name, new Set(range === undefined ? [] : [range]));
      grew = true;
    } else if (range !== undefined && !known.has(range)) {
      known.add(range);
      grew = true;
    }
  };
  for (const node of closure) {
    for (const { name, optional } of node.peers) if (!optional && !ranges.has(name)) ask(name);
    if (!node.isDouble) continue;
    for (const { ask: one } of node.own)
      if (!one.optional && sharesAsPeer(node.peers, one.name)) ask(one.name);
  }
  for (const node of closure) {
    for (const { name, range } of node.peers) if (ranges.has(name)) ask(name, range);
    if (node !== task.root && !node.isDouble) continue;
    for (const { ask: one } of node.own) {
      const isAsked = node === task.root || sharesAsPeer(node.peers, one.name);
      if (isAsked && ranges.has(one.name)) ask(one.name, one.range);
    }
  }
  return grew;
}

/** What it reads, in short; undefined while something is missing. */
export function inputsOf(reading: Reading): Hash | undefined {
  const { task, ranges, peers, closure } = reading;
  const sum = { ...task.root.content };
  for (const node of closure) {
    if (node.incomplete) return undefined;
    if (node === task.root || node.isDouble) {
      const edges = edgesIn(reading, node);
      if (lacks(reading, node, edges)) return undefined;
      add(sum, node.content);
      for (const { node: child } of edges) if (child !== undefined) mix(sum, node.content, child.content);
      continue;
    }
    if (node.lacksOwn) return undefined;
    add(sum, node.withOwn);
    for (const { name } of node.peers) {
      if (!ranges.has(name)) continue;
      const peer = peers.get(name);
      if (peer === undefined) return undefined;
      mix(sum, node.content, peer.content);
    }
  }
  return sum;
}

/** Is something missing that the packl itself asks for? */
function lacks({ task, ranges }: Reading, { row, own, peers }: Node, edges: readonly Edge[]): boolean {
  const isAnswered = (name: string) => edges.some((edge) => edge.name === name && edge.node !== undefined);
  if (own.some(({ ask }) => !ask.optional && !isAnswered(ask.name))) return true;
  if (peers.some(({ name }) => ranges.has(name) && !isAnswered(name))) return true;
  if (row !== task.root.row) return false;
  if (ranges.has(pipeName) && !isAnswered(pipeName)) return true;
  return undeclaredInputs(row, isAnswered).length > 0;
}
