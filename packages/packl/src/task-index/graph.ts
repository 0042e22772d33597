/**
 * Who picked what: the graph under the task index.
 *
 * A *group* is one question that is asked of a name: one range, or all ranges of a peer. It points at the one node
 * that answers it and is shared by all that ask the same. A *node* is a packl@version with the groups of its own
 * dependencies. Both live as long as somebody uses them; packls that depend on each other in a ring stay.
 */
import { asksOf, thirdPartyOf } from '../asks.ts';
import type { Row } from '../change.ts';
import { keyOf } from '../closure.ts';
import { admitsPublished, pickForAll } from '../pick.ts';
import type { View } from '../view.ts';
import { hashOf, mix } from './hash.ts';
import { sharesAsPeer } from './node.ts';
import type { Group, Node, User } from './node.ts';

interface Named {
  readonly groups: Map<string, Group>;
  readonly nodes: Map<string, Node>;
  /** nodes that take the name for third party */
  foreignTo: Set<Node> | undefined;
  /** nodes that share it as a peer, or would if somebody required it */
  peerTo: Set<Node> | undefined;
}

export class Graph {
  readonly view: View;
  /** nodes whose own dependencies became others, and tasks whose peers did, since {@link takeTouched} */
  private touched = new Set<User>();
  private readonly named = new Map<string, Named>();

  constructor(view: View) {
    this.view = view;
  }

  takeTouched(): Set<User> {
    const { touched } = this;
    this.touched = new Set();
    return touched;
  }

  /** The view shows the name now, or shows something else of it. @param published one that came, and nothing else */
  changed(name: string, published: Row | undefined): void {
    const named = this.named.get(name);
    if (named === undefined) return;
    if (this.view.has(name)) {
      for (const node of Array.from(named.foreignTo ?? [])) this.rebuild(node);
    } else for (const node of this.takenForPackl(name, named)) this.rebuild(node);
    this.renewRows(named, name, published);
    for (const group of Array.from(named.groups.values())) {
      // Whoever has no answer is told of every version that comes: it says which there are.
      const isAnswered = group.picked !== undefined;
      if (isAnswered && published !== undefined && !admitsPublished(published, group.ranges)) continue;
      this.pickAgain(group);
    }
  }

  /** Whoever asks for the name: packls for themselves, tasks for a peer of their closure. */
  askers(name: string): User[] {
    const found: User[] = [];
    const named = this.named.get(name);
    if (named === undefined) return found;
    for (const { users } of named.groups.values()) for (const user of users) found.push(user);
    for (const node of named.foreignTo ?? []) found.push(node);
    for (const node of named.peerTo ?? []) found.push(node);
    return found;
  }

  join(user: User, name: string, ranges: readonly string[]): Group {
    const key = `${ranges.length} ${ranges.join('\n')}`;
    const { groups } = this.namedOf(name);
    let group = groups.get(key);
    if (group === undefined) {
      group = { name, ranges, key, picked: undefined, users: new Set() };
      groups.set(key, group);
      this.point(group, pickForAll(this.view, name, ranges));
      // In a ring, what was picked has asked the same meanwhile, and found no answer yet.
      for (const early of group.users) if (early.is === 'node') this.hashOwn(early);
    }
    group.users.add(user);
    return group;
  }

  leave(user: User, group: Group): void {
    group.users.delete(user);
    if (group.users.size > 0) return;
    const named = this.named.get(group.name);
    named?.groups.delete(group.key);
    this.point(group, undefined);
    this.forget(group.name);
  }

  nodeOf(row: Row): Node {
    const { nodes } = this.namedOf(row.name);
    const known = nodes.get(row.version);
    if (known !== undefined) return known;
    const node: Node = {
      is: 'node',
      row,
      own: [],
      peers: [],
      isDouble: false,
      lacksOwn: false,
      incomplete: false,
      foreign: [],
      pickedBy: new Set(),
      task: undefined,
      content: hashOf(''),
      withOwn: hashOf(''),
      wishes: undefined,
      seen: 0,
      resolved: undefined,
    };
    // Before its dependencies: one of them may depend on it.
    nodes.set(row.version, node);
    this.ask(node);
    return node;
  }

  /** To be called when a node lost a user. */
  release(node: Node): void {
    if (node.pickedBy.size > 0 || node.task !== undefined) return;
    const named = this.named.get(node.row.name);
    if (named?.nodes.get(node.row.version) !== node) return;
    named.nodes.delete(node.row.version);
    for (const { group } of node.own) this.leave(node, group);
    this.askNoMore(node, node);
    this.forget(node.row.name);
  }

  /** Whoever goes on asking the view for a name that went from it: third party, until it comes back. */
  private takenForPackl(name: string, { groups, peerTo }: Named): Set<Node> {
    const found = new Set<Node>(peerTo);
    for (const { users } of groups.values())
      for (const user of users)
        if (user.is === 'node' && user.own.some(({ ask }) => ask.name === name)) found.add(user);
    return found;
  }

  private ask(node: Node): void {
    const { view } = this;
    const { own, peers, missing } = asksOf(view, node.row);
    node.wishes = undefined;
    const { dependencies = {}, optionalDependencies = {}, peerDependencies = {} } = node.row.manifest;
    const names = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
    node.foreign = names.filter((name) => !view.has(name));
    for (const name of node.foreign) (this.namedOf(name).foreignTo ??= new Set()).add(node);
    node.peers = peers;
    for (const { name } of peers) (this.namedOf(name).peerTo ??= new Set()).add(node);
    node.incomplete = missing.length > 0;
    const { required, optional } = thirdPartyOf(view, node.row);
    const thirdParty = [...required.keys(), ...optional.keys()].toSorted().join(' ');
    // Before its dependencies, for the same reason: they may be hashed with it.
    node.content = hashOf(`${keyOf(node.row)} ${node.row.integrity} ${thirdParty}`);
    node.isDouble = peers.length > 0 && own.some(({ name }) => sharesAsPeer(peers, name));
    node.own = own.map((one) => ({ ask: one, group: this.join(node, one.name, [one.range]) }));
    this.hashOwn(node);
  }

  private rebuild(node: Node): void {
    // One that was rebuilt just before may have been the last to use it.
    if (this.named.get(node.row.name)?.nodes.get(node.row.version) !== node) return;
    const { own, foreign, peers } = node;
    this.askNoMore(node, { foreign, peers });
    this.ask(node);
    for (const { group } of own) {
      if (!node.own.some((one) => one.group === group)) this.leave(node, group);
    }
    this.touched.add(node);
    // Theirs is hashed with its content.
    for (const group of node.pickedBy) this.tell(group);
  }

  private hashOwn(node: Node): void {
    const withOwn = { ...node.content };
    let lacksOwn = false;
    for (const { ask, group } of node.own) {
      if (group.picked !== undefined) mix(withOwn, node.content, group.picked.content);
      else if (!ask.optional) lacksOwn = true;
    }
    node.withOwn = withOwn;
    node.lacksOwn = lacksOwn;
    node.resolved = undefined;
  }

  private renewRows(named: Named, name: string, published: Row | undefined): void {
    if (published !== undefined && !named.nodes.has(published.version)) return;
    for (const row of this.view.versions(name)) {
      const node = named.nodes.get(row.version);
      if (node === undefined || node.row === row) continue;
      const same = node.row.integrity === row.integrity && node.row.manifest === row.manifest;
      node.row = row;
      node.resolved = undefined;
      for (const { users } of node.pickedBy)
        for (const user of users) if (user.is === 'node') user.resolved = undefined;
      if (same && node.row.thirdParty === row.thirdParty) continue;
      this.rebuild(node);
    }
  }

  private pickAgain(group: Group): void {
    const row = pickForAll(this.view, group.name, group.ranges);
    const before = group.picked;
    this.point(group, row);
    if (group.picked !== before || before === undefined) this.tell(group);
  }

  private tell({ users }: Group): void {
    for (const user of users) {
      this.touched.add(user);
      if (user.is === 'node') this.hashOwn(user);
    }
  }

  private point(group: Group, row: Row | undefined): void {
    const before = group.picked;
    const now = row === undefined ? undefined : this.nodeOf(row);
    if (now === before) return;
    now?.pickedBy.add(group);
    group.picked = now;
    before?.pickedBy.delete(group);
    if (before !== undefined) this.release(before);
  }

  private namedOf(name: string): Named {
    const known = this.named.get(name);
    if (known !== undefined) return known;
    const named: Named = { groups: new Map(), nodes: new Map(), foreignTo: undefined, peerTo: undefined };
    this.named.set(name, named);
    return named;
  }

  private askNoMore(node: Node, { foreign, peers }: Pick<Node, 'foreign' | 'peers'>): void {
    for (const name of foreign) {
      this.named.get(name)?.foreignTo?.delete(node);
      this.forget(name);
    }
    for (const { name } of peers) {
      this.named.get(name)?.peerTo?.delete(node);
      this.forget(name);
    }
  }

  private forget(name: string): void {
    const named = this.named.get(name);
    if (named === undefined) return;
    const { groups, nodes, foreignTo, peerTo } = named;
    const others = (foreignTo?.size ?? 0) + (peerTo?.size ?? 0);
    if (groups.size + nodes.size + others === 0) this.named.delete(name);
  }
}
