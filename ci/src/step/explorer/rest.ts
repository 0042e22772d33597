/**
 * What must hold when everything has come to rest: all is up to date, or says why it is not. Asked of a resolver
 * that starts from the registry's rows, not from what the reactor remembers.
 */
import { buildView, pick, resolveTask, taskOf } from '@pipl/packl';
import type { Row, View } from '@pipl/packl';
import type { TaskRecord } from '../types.ts';
import { taskKey } from '../types.ts';
import { checkState, Violation } from './invariants.ts';
import { project } from './world.ts';
import type { World } from './world.ts';

export function checkRest(world: World): void {
  checkState(world.state);
  const { records } = world.state;
  const { wave } = records.meta.get('reactor') ?? {};
  if (wave !== undefined) throw new Violation(`wave ${wave} is open though nothing runs`);
  if (records.held.size > 0) throw new Violation('something is held back for ever');
  if (records.reservations.size > 0) throw new Violation('something is reserved though nothing runs');
  const view = buildView({
    index: project,
    indexes: world.indexes,
    rows: world.rows.values(),
    tags: world.tags.values(),
  });
  for (const name of view.names()) {
    const row = pick(view, name, '*');
    if (row !== undefined && taskOf(row.manifest) !== undefined) checkTask(world, view, row);
  }
}

function checkTask({ state }: World, view: View, row: Row): void {
  const { name } = row;
  const task = state.records.tasks.get(taskKey(project, name));
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
      const excused =
        status.by.length > 0 && status.by.every((one) => isTrue(state.records.tasks, view, one));
      if (!excused) wrong(`for no good reason: ${JSON.stringify(status.by)}`);
      return;
    }
    case 'running':
    case 'waiting':
    case 'backing-off':
    case 'inherited':
    case 'gone':
      wrong('everything is at rest');
  }
}

type Blocker = Extract<TaskRecord['status'], { readonly is: 'blocked' }>['by'][number];

function isTrue(tasks: ReadonlyMap<string, TaskRecord>, view: View, blocker: Blocker): boolean {
  switch (blocker.is) {
    case 'missing':
      return pick(view, blocker.name, blocker.range) === undefined;
    case 'failed':
    case 'blocked':
      return tasks.get(taskKey(project, blocker.task))?.status.is === blocker.is;
    case 'cycle':
      return true;
  }
}
