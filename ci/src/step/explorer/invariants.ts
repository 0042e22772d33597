/**
 * What must hold after every single input, whatever happened before. Told by other means than the step's own
 * where that is affordable: straight recursion instead of remembered answers.
 */
import { taskOf } from '@pipl/packl';
import { isUnderWay } from '../end.ts';
import { admits, edgesOf, makersOf } from '../flow.ts';
import type { RunRecord, State, TaskRecord } from '../types.ts';
import { taskKey } from '../types.ts';
import { resolve, tasksIn, viewOf } from '../view.ts';
import { project } from './world.ts';

export class Violation extends Error {}

const deny = (broken: boolean, what: string): void => {
  if (broken) throw new Violation(what);
};

/** Holds in every state. */
export function checkState(state: State): void {
  const { records, projection } = state;
  const view = viewOf(projection, project);
  const underWay = new Set<string>();
  for (const { name, attempt } of records.tasks.values()) {
    if (attempt === undefined) continue;
    underWay.add(attempt);
    const run = records.runs.get(attempt);
    deny(run === undefined || !isUnderWay(run), `${name} has a run that is over: ${attempt}`);
    for (const pin of Object.keys(run?.lock.pins ?? {})) {
      const at = pin.indexOf('@', 1);
      const there = view.versions(pin.slice(0, at)).some(({ version }) => version === pin.slice(at + 1));
      deny(!there, `${name} goes on with ${pin}, which was withdrawn`);
    }
  }
  for (const { name, version, attempt } of records.reservations.values())
    deny(!underWay.has(attempt), `${name}@${version} is reserved by ${attempt}, which is over`);
  for (const attempt of records.tickets.keys()) deny(!underWay.has(attempt), `a ticket outlives ${attempt}`);
  deny(records.tickets.size !== underWay.size, 'a run has no ticket');
}

/** Holds from one state to the next: what ended stays so, and what started was free to. */
export function checkStep(before: State, after: State, started: (run: RunRecord) => void): void {
  if (before.records.runs === after.records.runs) return;
  for (const [attempt, run] of after.records.runs) {
    const old = before.records.runs.get(attempt);
    if (old === undefined) {
      if (isUnderWay(run)) checkStart(after, run);
      started(run);
    } else if (!isUnderWay(old) && old.state !== run.state) {
      const admitted = old.outcome === undefined && run.outcome !== undefined;
      deny(!admitted, `${attempt} ended as ${old.state}, then as ${run.state}`);
    }
  }
}

/** Nothing starts under an ancestor that is unsettled or failed; failed inputs do not start again. */
function checkStart(state: State, run: RunRecord): void {
  const row = tasksIn(state.projection, project).find(({ name }) => name === run.task);
  deny(row === undefined, `${run.task} starts though it is not there`);
  deny(
    resolveHash(state, run.task) !== run.lock.hash,
    `${run.task} starts with inputs that are not those it resolves to`,
  );
  const trouble = troubleAbove(state, run.task, 0);
  deny(trouble !== undefined, `${run.task} starts though ${trouble}`);
}

function resolutionOf({ projection }: State, task: string) {
  const row = tasksIn(projection, project).find(({ name }) => name === task);
  return row === undefined
    ? undefined
    : { index: project, row, resolution: resolve(projection, project, row) };
}

export function resolveHash(state: State, task: string): string | undefined {
  const resolution = resolutionOf(state, task)?.resolution;
  return resolution?.ok ? resolution.lock.hash : undefined;
}

function troubleAbove(state: State, task: string, depth: number): string | undefined {
  const found = resolutionOf(state, task);
  if (found === undefined) return undefined;
  if (depth > 40) return 'it feeds itself';
  const makers = makersOf(tasksIn(state.projection, project));
  for (const { name, range } of edgesOf(state, found)) {
    for (const maker of makers.get(name) ?? []) {
      const trouble = troubleWith(state, maker, { name, range }) ?? troubleAbove(state, maker, depth + 1);
      if (trouble !== undefined) return trouble;
    }
  }
  return undefined;
}

function troubleWith(
  state: State,
  maker: string,
  { name, range }: { readonly name: string; readonly range: string },
): string | undefined {
  const record: TaskRecord | undefined = state.records.tasks.get(taskKey(project, maker));
  const hash = resolveHash(state, maker);
  if (record === undefined) return `${maker} is unknown`;
  if (record.attempt !== undefined) {
    const run = state.records.runs.get(record.attempt)!;
    if (run.lock.hash !== hash) return `${maker} runs on inputs that are no longer right`;
    return run.products.some((one) => one.name === name && admits(range, one.version))
      ? `${maker} will make ${name}`
      : undefined;
  }
  if (hash === undefined) return `${maker} has no inputs`;
  if (record.success?.lock === hash) return undefined;
  return record.failed[hash] === undefined ? `${maker} is not up to date` : `${maker} failed`;
}

export const productsOf = (state: State, task: string): string[] => {
  const row = resolutionOf(state, task)?.row;
  return Object.values(row === undefined ? {} : (taskOf(row.manifest)?.products ?? {}));
};
