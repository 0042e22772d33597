/** What the graph under the task index is made of; `graph.ts` keeps it true. */
import type { Ask } from '../asks.ts';
import type { Row } from '../change.ts';
import type { ResolvedRow } from '../closure.ts';
import type { Hash } from './hash.ts';

export interface Group {
  readonly name: string;
  readonly ranges: readonly string[];
  readonly key: string;
  picked: Node | undefined;
  readonly users: Set<User>;
}

/** Nodes use the groups of their own dependencies; tasks those of the peers in their closure. */
export type User = Node | TaskEntry;

export interface Node {
  readonly is: 'node';
  row: Row;
  own: readonly { readonly ask: Ask; readonly group: Group }[];
  peers: readonly Ask[];
  /** asks for something itself that it would share as a peer */
  isDouble: boolean;
  /** nobody can have something that it asks for itself */
  lacksOwn: boolean;
  /** asks for something third-party that its lock does not have */
  incomplete: boolean;
  /** names it asks for that the view does not have: third party, until somebody publishes one of them */
  foreign: readonly string[];
  readonly pickedBy: Set<Group>;
  /** the task whose current version this is */
  task: TaskEntry | undefined;
  /** of name, version, integrity and which names are third party */
  content: Hash;
  /** of {@link content} and what its own dependencies are */
  withOwn: Hash;
  /** everything that its manifest asks for; made when first asked for */
  wishes: readonly Wish[] | undefined;
  /** of the last walk that came by */
  seen: number;
  /** what it got, as it was told the last time; undefined when that may be otherwise */
  resolved: ResolvedRow | undefined;
}

/** A name and a range of a manifest, whoever answers. */
export interface Wish {
  readonly name: string;
  readonly range: string;
}

export interface TaskEntry {
  readonly is: 'task';
  readonly name: string;
  root: Node;
  /** the groups of its peers, as of the last look */
  groups: Set<Group>;
  /** undefined while something is missing */
  inputs: Hash | undefined;
}

export function wishesOf(node: Node): readonly Wish[] {
  if (node.wishes !== undefined) return node.wishes;
  const { dependencies, optionalDependencies, peerDependencies } = node.row.manifest;
  const wishes: Wish[] = [];
  for (const asked of [dependencies, optionalDependencies, peerDependencies])
    for (const name in asked) wishes.push({ name, range: asked[name]! });
  // A task's own are few, and no other asks for them.
  if (node.task === undefined) node.wishes = wishes;
  return wishes;
}

export const sharesAsPeer = (peers: readonly Ask[], name: string): boolean =>
  peers.some((peer) => peer.name === name);
