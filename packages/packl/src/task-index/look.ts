/**
 * What one task reads now: `resolveTask` on the graph, with a hash in the place of a lock. Peers are found in
 * rounds; every group of any round stays joined, because an early one has its say.
 */
import { thirdPartyOf } from '../asks.ts';
import type { Row } from '../change.ts';
import { keyOf } from '../closure.ts';
import type { ResolvedRow } from '../closure.ts';
import { lockOf, undeclaredInputs } from '../lock.ts';
import type { RunLock } from '../lock.ts';
import { pipeName } from '../resolve.ts';
import type { Graph, Group, Node, TaskEntry } from './graph.ts';
import { added, hashOf, mixed, type Hash } from './hash.ts';

interface Round {
  readonly task: TaskEntry;
  /** peers that somebody requires: every range asked in any round */
  readonly ranges: Map<string, Set<string>>;
  readonly peers: Map<string, Node>;
  readonly groups: Set<Group>;
}

let walks = 0;
const nothing = hashOf('');

/** Looks at the task again. @returns what it reads; undefined while something is missing */
export function lookAgain(graph: Graph, task: TaskEntry): Hash | undefined {
  const { round, closure } = playRounds(graph, task);
  const before = task.groups;
  task.groups = round.groups;
  for (const group of before) if (!round.groups.has(group)) graph.leave(task, group);
  return inputsOf(round, closure);
}

/** What the task reads, itself first, as of its last look: nothing may have changed since. */
export const closureOf = (graph: Graph, task: TaskEntry): readonly Node[] => playRounds(graph, task).closure;

/** The run lock of a task that misses nothing: the one that `resolveTask` would make. */
export function runLockOf(graph: Graph, task: TaskEntry): RunLock {
  const { round, closure } = playRounds(graph, task);
  const rows = new Map(closure.map((node) => [keyOf(node.row), resolvedOf(graph, round, node)]));
  return lockOf(task.root.row, rows);
}

/** Shared by all tasks for which it got the same. */
function resolvedOf({ view }: Graph, round: Round, node: Node): ResolvedRow {
  const isShared = node.peers.length === 0 && node !== round.task.root;
  if (isShared && node.resolved !== undefined) return node.resolved;
  const edges = edgesOf(round, node);
  const packls = new Map<string, Row>();
  for (const [name, child] of edges) if (child !== undefined) packls.set(name, child.row);
  if (node.resolved !== undefined && isEqual(node.resolved.packls, packls)) return node.resolved;
  node.resolved = { row: node.row, packls, thirdParty: thirdPartyOf(view, node.row) };
  return node.resolved;
}

function isEqual(one: ReadonlyMap<string, Row>, other: ReadonlyMap<string, Row>): boolean {
  if (one.size !== other.size) return false;
  for (const [name, row] of one) if (other.get(name) !== row) return false;
  return true;
}

function playRounds(graph: Graph, task: TaskEntry): { readonly round: Round; readonly closure: Node[] } {
  const round: Round = { task, ranges: new Map(), peers: new Map(), groups: new Set() };
  if (graph.view.has(pipeName)) round.ranges.set(pipeName, new Set());
  let closure: Node[];
  do {
    pickPeers(graph, round);
    closure = walk(round);
  } while (collectAsks(round, closure));
  return { round, closure };
}

function pickPeers(graph: Graph, { task, ranges, peers, groups }: Round): void {
  for (const [name, asked] of ranges) {
    const group = graph.join(task, name, [...asked].toSorted());
    groups.add(group);
    if (group.picked === undefined) peers.delete(name);
    else peers.set(name, group.picked);
  }
}

function walk(round: Round): Node[] {
  walks += 1;
  const { root } = round.task;
  const closure: Node[] = [];
  const waiting = [root];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (node.seen === walks) continue;
    node.seen = walks;
    closure.push(node);
    for (const [, child] of edgesOf(round, node)) if (child !== undefined) waiting.push(child);
  }
  return closure;
}

/** Name → the node it got, with undefined for what nobody can have. The shared instance replaces the own pick. */
function edgesOf({ task, ranges, peers }: Round, node: Node): Map<string, Node | undefined> {
  const edges = new Map<string, Node | undefined>();
  for (const { ask, group } of node.own) edges.set(ask.name, group.picked);
  const share = (name: string) => {
    if (ranges.has(name)) edges.set(name, peers.get(name));
  };
  for (const { name } of node.peers) share(name);
  if (node !== task.root) return edges;
  for (const { ask } of node.own) share(ask.name);
  share(pipeName);
  return edges;
}

/** Adds what the closure asks of peers; true when that is more than before. */
function collectAsks({ task, ranges }: Round, closure: readonly Node[]): boolean {
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
  const isPeer = (node: Node, name: string) => node.peers.some((peer) => peer.name === name);
  for (const node of closure) {
    for (const { name, optional } of node.peers) if (!optional) ask(name);
    for (const { ask: one } of node.own) if (!one.optional && isPeer(node, one.name)) ask(one.name);
  }
  for (const node of closure) {
    for (const { name, range } of node.peers) if (ranges.has(name)) ask(name, range);
    for (const { ask: one } of node.own) {
      if ((node === task.root || isPeer(node, one.name)) && ranges.has(one.name)) ask(one.name, one.range);
    }
  }
  return grew;
}

function inputsOf(round: Round, closure: readonly Node[]): Hash | undefined {
  const { task, ranges } = round;
  let sum = added(nothing, task.root.content);
  for (const node of closure) {
    if (node.incomplete) return undefined;
    if (node.peers.length === 0 && node !== task.root) {
      if (node.own.some(({ ask, group }) => !ask.optional && group.picked === undefined)) return undefined;
      sum = added(sum, node.withOwn);
      continue;
    }
    const edges = edgesOf(round, node);
    sum = added(sum, node.content);
    for (const child of edges.values())
      if (child !== undefined) sum = mixed(sum, node.content, child.content);
    const unanswered = ({ name }: { readonly name: string }) => edges.get(name) === undefined;
    if (node.own.some(({ ask }) => !ask.optional && unanswered(ask))) return undefined;
    if (node.peers.some((peer) => ranges.has(peer.name) && unanswered(peer))) return undefined;
    if (node !== task.root) continue;
    if (ranges.has(pipeName) && unanswered({ name: pipeName })) return undefined;
    if (undeclaredInputs(node.row, (name) => edges.get(name) !== undefined).length > 0) return undefined;
  }
  return sum;
}
