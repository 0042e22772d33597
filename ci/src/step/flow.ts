/**
 * May a task run? Only when nothing above it will still make what it reads.
 *
 * A *feeder* of a task is another task whose product is asked for, by the task or by what it reads. The question
 * is put for each edge: a feeder that runs may bring a version that one edge admits and another does not, and a
 * task that is clean itself may stand under one that is not. So nothing is skipped as already visited; an answer
 * is remembered only where it depends on no edge.
 */
import { isIn, meaningOf } from '@pipl/packl';
import type { IndexName, Manifest, Resolution, Row } from '@pipl/packl';
import type { Draft } from './draft.ts';
import { lookAt, resolutionOf } from './look.ts';
import type { Look } from './look.ts';
import { shownIn } from './shown.ts';
import type { Blocker, State } from './types.ts';
import { taskKey } from './types.ts';

export interface Verdict {
  /** tasks that will run, or that run and will bring something new */
  readonly waits: readonly string[];
  readonly blockers: readonly Blocker[];
}

export interface Edge {
  readonly name: string;
  readonly range: string;
}

/** A task that makes what another one asks for. */
export interface Feeder {
  /** by `taskKey` */
  readonly key: string;
  readonly edge: Edge;
}

interface Asking {
  readonly draft: Draft;
  readonly underWay: Set<string>;
  /** only while the rule `askEveryEdge` is off */
  readonly visited: Set<string>;
}

const nothing: Verdict = { waits: [], blockers: [] };

/** What stands above a task. The lens remembers the answer until something above may be otherwise. */
export const askAbove = (draft: Draft, look: Look): Verdict =>
  remembered(draft, look) ?? above({ draft, underWay: new Set<string>(), visited: new Set<string>() }, look);

const remembered = ({ lens, rules }: Draft, { key }: Look): Verdict | undefined =>
  rules.askEveryEdge ? lens.of(key).verdict : undefined;

function above(asking: Asking, look: Look): Verdict {
  const { lens } = asking.draft;
  const known = remembered(asking.draft, look);
  if (known !== undefined) return known;
  if (asking.underWay.has(look.key)) return { waits: [], blockers: [{ is: 'cycle', task: look.name }] };
  if (asking.underWay.size >= deepest) askFromTheTop(asking, look);
  asking.underWay.add(look.key);
  const told: Verdict[] = [];
  for (const feeder of feedersOf(asking, look)) {
    const one = through(asking, feeder);
    if ((one.waits.length > 0 || one.blockers.length > 0) && !told.includes(one)) told.push(one);
  }
  const verdict = together(told);
  asking.underWay.delete(look.key);
  lens.of(look.key).verdict = verdict;
  return verdict;
}

/** Production lines may be longer than a stack is deep: what is far above is answered first, without recursion. */
const deepest = 200;

function askFromTheTop({ draft, visited }: Asking, look: Look): void {
  const seen = new Set([look.key]);
  const order = [look];
  for (const one of order) {
    for (const { key } of feedersOf({ draft, visited, underWay: new Set() }, one)) {
      const feeder = seen.has(key) ? undefined : lookAt(draft, key);
      seen.add(key);
      if (feeder !== undefined && draft.lens.of(key).verdict === undefined) order.push(feeder);
    }
  }
  // Farthest first: nearly all of what each of them asks is answered by then.
  for (const one of order.toReversed()) {
    if (one !== look && draft.lens.of(one.key).verdict === undefined)
      above({ draft, visited, underWay: new Set() }, one);
  }
}

function through(asking: Asking, { key, edge }: Feeder): Verdict {
  const { rules } = asking.draft;
  const feeder = lookAt(asking.draft, key);
  if (feeder === undefined) return nothing;
  if (!rules.askEveryEdge) {
    if (asking.visited.has(feeder.key)) return nothing;
    asking.visited.add(feeder.key);
  }
  const { stands, name } = feeder;
  switch (stands.is) {
    case 'failed':
      return rules.blockBelowFailed
        ? { waits: [], blockers: [{ is: 'failed', task: name, attempt: stands.attempt }] }
        : nothing;
    case 'backing-off':
      return { waits: [name], blockers: [] };
    case 'open':
      return rules.waitForDirty ? openAbove(asking, feeder) : nothing;
    case 'running': {
      const brings = stands.run.products.some(
        (product) => product.name === edge.name && admits(edge.range, product.version),
      );
      const isStale = stands.stale && rules.waitForStale;
      if (isStale || (brings && rules.waitForReserved)) return { waits: [name], blockers: [] };
      return above(asking, feeder);
    }
    case 'inherited':
      return through(asking, { key: taskKey(stands.from, name), edge });
    case 'clean':
      return rules.askThroughClean ? above(asking, feeder) : nothing;
  }
}

/** A feeder without a result: it will run, unless something keeps it from running. */
function openAbove(asking: Asking, feeder: Look): Verdict {
  const { waits, blockers } = above(asking, feeder);
  const held = blockers.length > 0 || feeder.hash === undefined;
  if (waits.length > 0 || !held) return { waits: [feeder.name], blockers: [] };
  const roots = blockers.filter(({ is }) => is === 'failed' || is === 'cycle');
  return { waits: [], blockers: [...roots, { is: 'blocked', task: feeder.name }] };
}

/** @param told not one that says nothing */
function together(told: readonly Verdict[]): Verdict {
  if (told.length === 0) return nothing;
  if (told.length === 1) return told[0]!;
  const waits = new Set(told.flatMap((one) => one.waits));
  const blockers = new Map(told.flatMap((one) => one.blockers).map((one) => [blockerKey(one), one]));
  return {
    waits: [...waits].toSorted(),
    blockers: [...blockers.keys()].toSorted().map((key) => blockers.get(key)!),
  };
}

/** As they are put in order. */
function blockerKey(blocker: Blocker): string {
  if (blocker.is === 'missing') return JSON.stringify(blocker);
  return `${blocker.is} ${blocker.task} ${blocker.is === 'failed' ? blocker.attempt : ''}`;
}

function feedersOf({ draft }: Asking, look: Look): readonly Feeder[] {
  const answers = draft.lens.of(look.key);
  if (answers.feeders !== undefined) return answers.feeders;
  const place = draft.lens.places.get(look.index)!;
  const found: Feeder[] = [];
  const add = (edge: Edge): void => {
    const { name, range } = edge;
    const makers = place.makers(name);
    if (makers.length === 0) return;
    if (found.some((one) => one.edge.name === name && one.edge.range === range)) return;
    for (const maker of makers) found.push({ key: place.keyOf(maker), edge });
  };
  if (look.hash === undefined) {
    const edges = edgesOf(draft, { ...look, resolution: resolutionOf(draft, look) });
    for (const edge of edges) add(edge);
  } else for (const wishes of place.wishes(look.name)) for (const edge of wishes) add(edge);
  answers.feeders = found;
  return found;
}

/** Everything that the task and what it reads ask for; of a task with a missing input, as far as it is known. */
export function edgesOf(
  state: State,
  {
    index,
    row,
    resolution,
  }: { readonly index: IndexName; readonly row: Row; readonly resolution: Resolution },
): readonly Edge[] {
  const { view } = shownIn(state, index);
  const asked = [...asksOf(row.manifest)];
  if (resolution.ok) {
    for (const { name, version } of Object.values(resolution.lock.nodes)) {
      const read = view.versions(name).find((one) => one.version === version);
      if (read !== undefined) asked.push(...asksOf(read.manifest));
    }
  } else {
    asked.push(...resolution.missing);
  }
  const edges = new Map(asked.map(({ name, range }) => [`${name} ${range}`, { name, range }]));
  return [...edges.values()];
}

/** Whatever a packl asks for, once for each field that does. */
export function asksOf({ dependencies, optionalDependencies, peerDependencies }: Manifest): Edge[] {
  const asks: Edge[] = [];
  for (const asked of [dependencies, optionalDependencies, peerDependencies])
    for (const name in asked) asks.push({ name, range: asked[name]! });
  return asks;
}

/** Would this range take that new version? A tag that a person sets does not move by itself. */
export function admits(range: string, version: string): boolean {
  const wanted = range.trim();
  const meaning = meaningOf(wanted);
  switch (meaning.is) {
    case 'range':
      return isIn(meaning.range, version);
    case 'version':
      return meaning.version === version;
    case 'tag':
      return wanted === 'latest';
  }
}
