/**
 * What a task reads, resolved from scratch: the specification that every faster resolver is tested against.
 *
 * Each edge is picked by itself (`pick`), so a packl@version has the same dependencies for every task. Only peers
 * are decided for a closure as a whole: one instance of a name, admitted by every peer range of the closure, by
 * the optional ones too once somebody requires the name, and by the task's own dependency on it. Peers are found in
 * rounds, as a pick may ask for more; asks only grow, so the rounds end, and a peer asked for early has its say
 * even when who asked is gone at the end.
 *
 * Every task runs with `@pipl/pipe` where the view has it, so the task is taken to ask for it.
 * Names that the view does not have are third party: they come from the lock of the packl that asks.
 */
import { asksOf, thirdPartyOf } from './asks.ts';
import type { Ask, Asks } from './asks.ts';
import type { Row } from './change.ts';
import { keyOf } from './closure.ts';
import type { Closure, ResolvedRow } from './closure.ts';
import { lockOf, undeclaredInputs } from './lock.ts';
import type { RunLock } from './lock.ts';
import { pick, pickForAll } from './pick.ts';
import type { View } from './view.ts';

export interface Missing {
  readonly name: string;
  /** the range asked for; '' for an input that the task does not depend on */
  readonly range: string;
  /** `name@version` of who asks */
  readonly from: string;
}

export type Resolution =
  | { readonly ok: true; readonly lock: RunLock }
  | { readonly ok: false; readonly missing: readonly Missing[] };

export const pipeName = '@pipl/pipe';

export function resolveTask(view: View, task: Row): Resolution {
  const resolver: Resolver = { view, task, asks: new Map(), ranges: new Map(), peers: new Map() };
  if (view.has(pipeName)) askForPeer(resolver, pipeName, []);
  let closure: Map<string, ResolvedRow>;
  do {
    pickPeers(resolver);
    closure = walk(resolver);
  } while (collectPeerAsks(resolver, closure));
  const missing = missingOf(resolver, closure);
  return missing.length === 0 ? { ok: true, lock: lockOf(task, closure.values()) } : { ok: false, missing };
}

interface Resolver {
  readonly view: View;
  readonly task: Row;
  /** by `name@version` */
  readonly asks: Map<string, Asks>;
  /** peers that somebody requires: every range asked in any round */
  readonly ranges: Map<string, Set<string>>;
  /** their picks, as of the last round */
  readonly peers: Map<string, Row>;
}

function pickPeers({ view, ranges, peers }: Resolver): void {
  for (const [name, asked] of ranges) {
    const row = pickForAll(view, name, [...asked]);
    if (row === undefined) peers.delete(name);
    else peers.set(name, row);
  }
}

function walk(resolver: Resolver): Map<string, ResolvedRow> {
  const closure = new Map<string, ResolvedRow>();
  const waiting = [resolver.task];
  for (let row = waiting.pop(); row !== undefined; row = waiting.pop()) {
    if (closure.has(keyOf(row))) continue;
    const packls = packlsOf(resolver, row);
    closure.set(keyOf(row), { row, packls, thirdParty: thirdPartyOf(resolver.view, row) });
    waiting.push(...packls.values());
  }
  return closure;
}

function packlsOf(resolver: Resolver, row: Row): Map<string, Row> {
  const { own, peers } = knownAsks(resolver, row);
  const packls = new Map<string, Row>();
  const add = (name: string, answer: Row | undefined) => answer === undefined || packls.set(name, answer);
  for (const { name, range } of own) add(name, pick(resolver.view, name, range));
  // The shared instance replaces the packl's own pick of the same name, even when nobody can have it.
  const shared = row === resolver.task ? [...own, ...peers, { name: pipeName }] : peers;
  for (const { name } of shared) {
    if (!resolver.ranges.has(name)) continue;
    packls.delete(name);
    add(name, resolver.peers.get(name));
  }
  return packls;
}

/** Adds what the closure asks of peers; true when that is more than before. */
function collectPeerAsks(resolver: Resolver, closure: Closure): boolean {
  const asking = [...closure.values()].map(({ row }) => row);
  let grew = false;
  const asked = asking.flatMap((row) => {
    const { own, peers } = knownAsks(resolver, row);
    const alsoOwn = own.filter(({ name }) => peers.some((peer) => peer.name === name));
    return [...peers, ...alsoOwn];
  });
  for (const { name, optional } of asked) if (!optional) grew = askForPeer(resolver, name, []) || grew;
  for (const { name, range } of asked) {
    if (resolver.ranges.has(name)) grew = askForPeer(resolver, name, [range]) || grew;
  }
  for (const { name, range } of knownAsks(resolver, resolver.task).own) {
    if (resolver.ranges.has(name)) grew = askForPeer(resolver, name, [range]) || grew;
  }
  return grew;
}

function askForPeer({ ranges }: Resolver, name: string, more: readonly string[]): boolean {
  const known = ranges.get(name);
  if (known === undefined) {
    ranges.set(name, new Set(more));
    return true;
  }
  const before = known.size;
  for (const range of more) known.add(range);
  return known.size > before;
}

function knownAsks({ view, asks }: Resolver, row: Row): Asks {
  const key = keyOf(row);
  const known = asks.get(key) ?? asksOf(view, row);
  asks.set(key, known);
  return known;
}

function missingOf(resolver: Resolver, closure: Closure): Missing[] {
  const { task } = resolver;
  const found: Missing[] = [];
  for (const { row, packls } of closure.values()) {
    const { own, peers, missing } = knownAsks(resolver, row);
    const from = keyOf(row);
    const unanswered = [
      ...own.filter(({ name, optional }) => !packls.has(name) && !optional),
      ...peers.filter(({ name }) => !packls.has(name) && resolver.ranges.has(name)),
      ...missing,
    ];
    found.push(...unanswered.map(({ name, range }: Ask) => ({ name, range, from })));
  }
  const { packls } = closure.get(keyOf(task))!;
  const from = keyOf(task);
  if (resolver.ranges.has(pipeName) && !packls.has(pipeName))
    found.push({ name: pipeName, range: '*', from });
  const asked = (name: string) =>
    packls.has(name) || found.some((one) => one.name === name && one.from === from);
  for (const name of undeclaredInputs(task, asked)) found.push({ name, range: '', from });
  const byText = new Map(found.map((one) => [`${one.name} ${one.range} ${one.from}`, one]));
  return [...byText.keys()].toSorted().map((text) => byText.get(text)!);
}
