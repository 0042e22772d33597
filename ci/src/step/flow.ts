/**
 * May a task run? Only when nothing above it will still make what it reads.
 *
 * A *feeder* of a task is another task whose product is asked for, by the task or by what it reads. The question
 * is put for each edge: a feeder that runs may bring a version that one edge admits and another does not, and a
 * task that is clean itself may stand under one that is not. So nothing is skipped as already visited; an answer
 * is remembered only where it depends on no edge.
 */
import semver from 'semver';
import { taskOf } from '@pipl/packl';
import type { Manifest, Resolution, Row } from '@pipl/packl';
import type { Draft } from './draft.ts';
import type { Look, Looks } from './look.ts';
import type { Blocker } from './types.ts';
import { taskKey } from './types.ts';
import { tasksIn, viewOf } from './view.ts';

export interface Verdict {
  /** tasks that will run, or that run and will bring something new */
  readonly waits: readonly string[];
  readonly blockers: readonly Blocker[];
}

export interface Edge {
  readonly name: string;
  readonly range: string;
}

interface Asking {
  readonly draft: Draft;
  readonly looks: Looks;
  readonly known: Map<string, Verdict>;
  readonly underWay: Set<string>;
  /** only while the rule `askEveryEdge` is off */
  readonly visited: Set<string>;
}

const nothing: Verdict = { waits: [], blockers: [] };

/** Answers for one moment: what is asked after a task was started may only be freer. */
export function askAbove(draft: Draft, looks: Looks): (look: Look) => Verdict {
  const known = new Map<string, Verdict>();
  return (look) => {
    const asking = { draft, looks, known, underWay: new Set<string>(), visited: new Set<string>() };
    return above(asking, look);
  };
}

/** What stands above a task. */
function above(asking: Asking, look: Look): Verdict {
  const known = asking.known.get(look.key);
  if (known !== undefined) return known;
  if (asking.underWay.has(look.key)) return { waits: [], blockers: [{ is: 'cycle', task: look.name }] };
  asking.underWay.add(look.key);
  const feeders = feedersOf(asking, look);
  const verdict = together(feeders.map(({ feeder, edge }) => through(asking, feeder, edge)));
  asking.underWay.delete(look.key);
  if (asking.draft.rules.askEveryEdge) asking.known.set(look.key, verdict);
  return verdict;
}

function through(asking: Asking, feeder: Look, edge: Edge): Verdict {
  const { rules } = asking.draft;
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
      if (stands.stale || (brings && rules.waitForReserved)) return { waits: [name], blockers: [] };
      return above(asking, feeder);
    }
    case 'inherited': {
      const there = asking.looks.get(taskKey(stands.from, name));
      return there === undefined ? nothing : through(asking, there, edge);
    }
    case 'clean':
      return rules.askThroughClean ? above(asking, feeder) : nothing;
  }
}

/** A feeder without a result: it will run, unless something keeps it from running. */
function openAbove(asking: Asking, feeder: Look): Verdict {
  const { waits, blockers } = above(asking, feeder);
  const held = blockers.length > 0 || !feeder.resolution.ok;
  if (waits.length > 0 || !held) return { waits: [feeder.name], blockers: [] };
  const roots = blockers.filter(({ is }) => is === 'failed' || is === 'cycle');
  return { waits: [], blockers: [...roots, { is: 'blocked', task: feeder.name }] };
}

function together(verdicts: readonly Verdict[]): Verdict {
  const waits = new Set(verdicts.flatMap((one) => one.waits));
  const blockers = new Map(verdicts.flatMap((one) => one.blockers).map((one) => [JSON.stringify(one), one]));
  return {
    waits: [...waits].toSorted(),
    blockers: [...blockers.keys()].toSorted().map((text) => blockers.get(text)!),
  };
}

function feedersOf({ draft, looks }: Asking, look: Look): { feeder: Look; edge: Edge }[] {
  const makers = makersOf(tasksIn(draft.projection, look.index));
  return edgesOf(draft, look).flatMap((edge) =>
    (makers.get(edge.name) ?? []).flatMap((maker) => {
      const feeder = looks.get(taskKey(look.index, maker));
      return feeder === undefined ? [] : [{ feeder, edge }];
    }),
  );
}

const makerMaps = new WeakMap<readonly Row[], ReadonlyMap<string, string[]>>();

/** Product → the tasks that make it: one, unless a withdrawal brought an older task back. */
export function makersOf(tasks: readonly Row[]): ReadonlyMap<string, string[]> {
  const known = makerMaps.get(tasks);
  if (known !== undefined) return known;
  const makers = new Map<string, string[]>();
  for (const { name, manifest } of tasks) {
    for (const product of Object.values(taskOf(manifest)?.products ?? {})) {
      makers.set(product, [...new Set([...(makers.get(product) ?? []), name])]);
    }
  }
  makerMaps.set(tasks, makers);
  return makers;
}

const edgeLists = new WeakMap<Resolution, readonly Edge[]>();

/** Everything that the task and what it reads ask for; of a task with a missing input, as far as it is known. */
export function edgesOf(
  { projection }: Draft | { projection: Draft['projection'] },
  look: Pick<Look, 'index' | 'row' | 'resolution'>,
): readonly Edge[] {
  const known = edgeLists.get(look.resolution);
  if (known !== undefined) return known;
  const view = viewOf(projection, look.index);
  const asked = [...asksOf(look.row.manifest)];
  if (look.resolution.ok) {
    for (const { name, version } of Object.values(look.resolution.lock.nodes)) {
      const row = view.versions(name).find((one) => one.version === version);
      if (row !== undefined) asked.push(...asksOf(row.manifest));
    }
  } else {
    asked.push(...look.resolution.missing);
  }
  const edges = new Map(asked.map(({ name, range }) => [`${name} ${range}`, { name, range }]));
  const list = [...edges.values()];
  edgeLists.set(look.resolution, list);
  return list;
}

const asksOf = ({ dependencies, optionalDependencies, peerDependencies }: Manifest): Edge[] =>
  [dependencies, optionalDependencies, peerDependencies].flatMap((map) =>
    Object.entries(map ?? {}).map(([name, range]) => ({ name, range })),
  );

/** Would this range take that new version? A tag that a person sets does not move by itself. */
export function admits(range: string, version: string): boolean {
  const parsed = rangeOf(range.trim());
  return typeof parsed === 'boolean' ? parsed : parsed.test(version);
}

const parsedRanges = new Map<string, semver.Range | boolean>();

/** Remembered: the same few ranges are asked about all the time. */
function rangeOf(range: string): semver.Range | boolean {
  const known = parsedRanges.get(range);
  if (known !== undefined) return known;
  const parsed = semver.validRange(range) === null ? range === 'latest' : new semver.Range(range);
  parsedRanges.set(range, parsed);
  return parsed;
}
