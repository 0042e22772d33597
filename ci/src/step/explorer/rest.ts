/**
 * What must hold when everything has come to rest: all is up to date, or says why it is not. Asked of a resolver
 * that starts from the registry's rows, not from what the reactor remembers.
 */
import { buildView, compareVersions, pick, resolveTask, taskOf } from '@pipl/packl';
import type { Row, View } from '@pipl/packl';
import type { Records, RunRecord, TaskRecord } from '../types.ts';
import { taskKey } from '../types.ts';
import { checkState, Violation } from './invariants.ts';
import type { World } from './world.ts';

export function checkRest(world: World): void {
  checkState(world.state);
  const { records } = world.state;
  const { wave } = records.meta.get('reactor') ?? {};
  if (wave !== undefined) throw new Violation(`wave ${wave} is open though nothing runs`);
  if (records.held.size > 0) throw new Violation('something is held back for ever');
  if (records.reservations.size > 0) throw new Violation('something is reserved though nothing runs');
  for (const run of records.runs.values()) checkSuperseded(world, run);
  for (const index of world.handlers) {
    const view = buildView({
      index,
      indexes: world.indexes,
      rows: world.rows.values(),
      tags: world.tags.values(),
    });
    for (const name of view.names()) {
      const row = pick(view, name, '*');
      if (row !== undefined && taskOf(row.manifest) !== undefined) checkTask(world, view, row);
    }
  }
}

/** What was taken back never began, made nothing, and counts nowhere. */
function checkSuperseded({ engine }: World, { attempt, state, outcome }: RunRecord): void {
  const run = engine.get(attempt);
  const isBack = run?.state.is === 'taken-back';
  if (isBack && (run.starts > 0 || outcome !== undefined))
    throw new Violation(`${attempt} was taken back, and yet began`);
  if (state === 'superseded' && !isBack) throw new Violation(`${attempt} is superseded, and yet began`);
}

function checkTask({ state }: World, view: View, row: Row): void {
  const { name } = row;
  const { tasks } = state.records;
  const task = tasks.get(taskKey(view.index, name));
  if (task === undefined) throw new Violation(`${name} was never looked at`);
  const resolution = resolveTask(view, row);
  const { status } = task;
  const wrong = (what: string): never => {
    throw new Violation(`${name} is ${status.is}, but ${what}`);
  };
  switch (status.is) {
    case 'clean': {
      if (!resolution.ok) return wrong('an input is missing');
      const run = state.records.runs.get(task.success?.attempt ?? '');
      if (run?.lock.hash !== resolution.lock.hash) wrong('its result is for other inputs');
      return;
    }
    case 'failed': {
      if (!resolution.ok) return wrong('an input is missing');
      const run = state.records.runs.get(status.attempt);
      if (run?.lock.hash !== resolution.lock.hash || run.outcome !== undefined)
        wrong('nothing failed with these inputs');
      return;
    }
    case 'blocked': {
      const excused = status.by.length > 0 && status.by.every((one) => isTrue(state.records, view, one));
      if (!excused) wrong(`for no good reason: ${JSON.stringify(status.by)}`);
      return;
    }
    case 'inherited': {
      if (!resolution.ok) return wrong('an input is missing');
      const base = tasks.get(taskKey(status.from, name));
      if (base?.lock !== resolution.lock.hash) return wrong('it reads something else there');
      return checkInherited(state, view, { base, own: task });
    }
    case 'running':
    case 'waiting':
    case 'backing-off':
    case 'gone':
      wrong('everything is at rest');
  }
}

type Blocker = Extract<TaskRecord['status'], { readonly is: 'blocked' }>['by'][number];

/** Nobody gets what the task made here of other inputs in place of what its base has made of these. */
function checkInherited(
  state: World['state'],
  view: View,
  { base, own }: { readonly base: TaskRecord; readonly own: TaskRecord },
): void {
  const { runs } = state.records;
  const result = runs.get(base.success?.attempt ?? '');
  if (result === undefined || base.status.is !== 'clean') return;
  for (const { name } of result.products) {
    const now = pick(view, name, '*');
    const maker = [...runs.values()].findLast(
      (run) =>
        run.index === view.index &&
        run.outcome?.published.some((one) => one.name === name && one.integrity === now?.integrity),
    );
    const made = result.outcome?.unchanged.some((one) => one.name === name)
      ? result.outcome.unchanged
      : result.outcome?.published;
    const version = made?.find((one) => one.name === name)?.version;
    const there = view.versions(name).find((row) => row.version === version);
    if (now === undefined || there === undefined || maker === undefined) continue;
    const isNewer = compareVersions(now.version, there.version) > 0;
    if (isNewer && maker.lock.hash !== base.lock && maker.attempt === own.success?.attempt)
      throw new Violation(`${own.name} is inherited, but ${now.version} of ${name} is of other inputs`);
  }
}

function isTrue({ tasks, meta }: Records, view: View, blocker: Blocker): boolean {
  const paused = meta.get('reactor')?.paused ?? [];
  switch (blocker.is) {
    case 'missing':
      return pick(view, blocker.name, blocker.range) === undefined;
    case 'failed':
    case 'blocked':
      // Of an inherited task, what stands above it in the base counts too.
      return [...tasks.values()].some(
        ({ name, status }) => name === blocker.task && status.is === blocker.is,
      );
    case 'paused':
      return paused.some(
        ({ task, index }) =>
          (task === undefined || task === blocker.task) && (index === undefined || index === view.index),
      );
    case 'cycle':
      return true;
  }
}
