/**
 * Does a task feed itself? Asked over names, whatever the ranges: a task makes products, whatever depends on
 * them reads them, and so on to another task. Such a task would wake itself for ever once the ranges admit it.
 *
 * Packls that depend on each other in a ring without a task are npm's business and allowed.
 */
import { piplError } from './errors.ts';
import type { PiplError } from './errors.ts';
import { inputNames, taskOf } from './manifest.ts';
import type { Manifest } from './manifest.ts';

/**
 * @param manifests the current version of each packl in one view
 * @returns the names along a shortest such ring, in the direction of the data, the first again at the end:
 *   a task, a product it makes, what reads that, … the task
 */
export function findCycle(manifests: Iterable<Manifest>): string[] | undefined {
  const { next, makers } = flowOf(manifests);
  const onRings = trim(next);
  const rings: string[][] = [];
  for (const [task, products] of makers) {
    if (!onRings.has(task)) continue;
    for (const product of products) {
      const back = pathBetween({ next, within: onRings, from: product, to: task });
      if (back !== undefined) rings.push([task, ...back]);
    }
  }
  rings.sort((a, b) => a.length - b.length || (a.join() < b.join() ? -1 : 1));
  return rings[0];
}

export const taskCycle = (path: readonly string[]): PiplError =>
  piplError('conflict', 'PIPL_TASK_CYCLE', {
    what: `${path[0]} would feed itself: ${path.join(' → ')}.`,
    why: 'Each run would publish what wakes the next one.',
    hint: 'Let the task read another product, or split it in two.',
  });

type Flow = ReadonlyMap<string, ReadonlySet<string>>;

/** Where data goes: from a packl to who depends on it, from a task to what it makes. */
function flowOf(manifests: Iterable<Manifest>): { next: Flow; makers: ReadonlyMap<string, string[]> } {
  const next = new Map<string, Set<string>>();
  const makers = new Map<string, string[]>();
  const add = (from: string, to: string) => {
    const known = next.get(from);
    if (known === undefined) next.set(from, new Set([to]));
    else known.add(to);
  };
  for (const manifest of manifests) {
    const { name, dependencies, optionalDependencies, peerDependencies } = manifest;
    const task = taskOf(manifest);
    const inputs = task === undefined ? [] : inputNames(task);
    const asked = [dependencies, optionalDependencies, peerDependencies].flatMap((map) =>
      Object.keys(map ?? {}),
    );
    for (const read of [...asked, ...inputs]) add(read, name);
    const products = Object.values(task?.products ?? {});
    for (const product of products) add(name, product);
    if (task !== undefined) makers.set(name, products);
  }
  return { next, makers };
}

/** Takes away, again and again, what nothing flows into: without rings nothing is left, in linear time. */
function trim(next: Flow): Set<string> {
  const incoming = new Map<string, number>();
  for (const name of next.keys()) incoming.set(name, incoming.get(name) ?? 0);
  for (const targets of next.values())
    for (const to of targets) incoming.set(to, (incoming.get(to) ?? 0) + 1);
  const free = [...incoming].filter(([, count]) => count === 0).map(([name]) => name);
  for (let name = free.pop(); name !== undefined; name = free.pop()) {
    incoming.delete(name);
    for (const to of next.get(name) ?? []) {
      const count = incoming.get(to)! - 1;
      incoming.set(to, count);
      if (count === 0) free.push(to);
    }
  }
  return new Set(incoming.keys());
}

interface Route {
  readonly next: Flow;
  readonly within: ReadonlySet<string>;
  readonly from: string;
  readonly to: string;
}

/** A shortest path, both ends included. */
function pathBetween({ next, within, from, to }: Route): string[] | undefined {
  const cameFrom = new Map<string, string | undefined>([[from, undefined]]);
  const waiting = [from];
  for (const name of waiting) {
    if (name === to) {
      const path: string[] = [];
      for (let at: string | undefined = to; at !== undefined; at = cameFrom.get(at)) path.unshift(at);
      return path;
    }
    for (const further of next.get(name) ?? []) {
      if (!within.has(further) || cameFrom.has(further)) continue;
      cameFrom.set(further, name);
      waiting.push(further);
    }
  }
  return undefined;
}
