/** One run of a plan, as people and programs are told of it. */
import semver from 'semver';
import { taskOf } from '@pipl/packl';
import type { IndexName, Row, Ticket } from '@pipl/packl';
import type { PlannedRun } from '@pipl/registry-client';
import { isYetToBeMade } from './ahead-products.ts';
import type { State } from './types.ts';
import { currentIn, shownIn } from './shown.ts';

export interface About {
  readonly index: IndexName;
  readonly engineOf: (index: IndexName) => string;
  readonly seconds: number | undefined;
  readonly assumed: PlannedRun['assumed'];
}

export function assumedOf(
  { fails, unchanged }: { readonly fails?: readonly string[]; readonly unchanged?: readonly string[] },
  task: string,
): PlannedRun['assumed'] {
  if (fails?.includes(task) === true) return 'failed';
  return unchanged?.includes(task) === true ? 'unchanged' : 'made';
}

/** A run that somebody asks for, on what the task reads now. */
export function askedFor(state: State, row: Row, about: About): PlannedRun {
  const { index, engineOf, seconds, assumed } = about;
  const shown = shownIn(state, index);
  const resolution = shown.resolve(row);
  const products = Object.values(taskOf(row.manifest)?.products ?? {});
  return {
    task: row.name,
    taskVersion: row.version,
    index,
    engine: engineOf(index),
    because: [],
    reads: resolution.ok ? resolution.lock.direct : {},
    products: products.flatMap((name) => {
      const before = currentIn(shown, name)?.version;
      const next = before === undefined ? null : semver.inc(before, 'patch');
      return before === undefined || next === null ? [] : [{ name, version: next, before }];
    }),
    ...(resolution.ok ? { lock: resolution.lock.hash } : {}),
    codeLock: resolution.ok ? resolution.lock.codeLock.hash : '',
    ...(seconds === undefined ? {} : { seconds }),
    starts: 0,
    assumed,
  };
}

/** A run that the step has just started. */
export function plannedRun(state: State, ticket: Ticket, about: About): PlannedRun {
  const { attempt, index, task, products, codeLock } = ticket;
  const shown = shownIn(state, index);
  const { lock, because } = state.records.runs.get(attempt)!;
  const { engineOf, seconds, assumed } = about;
  const isKnown = !Object.values(lock.pins).some(isYetToBeMade);
  const { manifest } = currentIn(shown, task.name) ?? {};
  const ranges: Readonly<Record<string, string>> = {
    ...manifest?.peerDependencies,
    ...manifest?.dependencies,
  };
  return {
    task: task.name,
    taskVersion: task.version,
    index,
    engine: engineOf(index),
    because: because.map(({ name, from, to }) => ({
      name,
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(ranges[name] === undefined ? {} : { range: ranges[name] }),
    })),
    reads: lock.direct,
    products: products.map(({ name, version }) => {
      const before = currentIn(shown, name)?.version;
      return before === undefined ? { name, version } : { name, version, before };
    }),
    ...(isKnown ? { attempt, lock: lock.hash } : {}),
    codeLock: codeLock.hash,
    ...(seconds === undefined ? {} : { seconds }),
    starts: 0,
    assumed,
  };
}
