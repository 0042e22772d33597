/**
 * The specification of a settled state, in the plainest way: every task is resolved anew from the registry's rows,
 * and what stands above it is asked edge by edge, with nothing remembered. A state that was reached step by step
 * must say the same of every task.
 */
import { buildView, compareVersions, pick, resolveTask, searchOrder, taskOf } from '@pipl/packl';
import type { IndexName, Resolution, Row, View } from '@pipl/packl';
import { admits } from '../../src/step/flow.ts';
import { taskKey } from '../../src/step/types.ts';
import type { Blocker, State, TaskRecord, TaskStatus } from '../../src/step/types.ts';

interface Task {
  readonly index: IndexName;
  readonly row: Row;
  readonly view: View;
  /** the index itself and its bases */
  readonly nearness: readonly IndexName[];
  readonly resolution: Resolution;
  readonly record: TaskRecord | undefined;
}

interface Above {
  readonly waits: ReadonlySet<string>;
  readonly blockers: ReadonlyMap<string, Blocker>;
}

/** Task key → what its status must be. */
export function statusesFromScratch(state: State): Map<string, TaskStatus> {
  const tasks = tasksOf(state);
  const statuses = new Map<string, TaskStatus>();
  for (const [key, task] of tasks) statuses.set(key, statusOf({ state, tasks }, task));
  for (const [key, { index }] of state.records.tasks) {
    if (!tasks.has(key) && state.projection.handlers.includes(index)) statuses.set(key, { is: 'gone' });
  }
  return statuses;
}

interface Asked {
  readonly state: State;
  readonly tasks: ReadonlyMap<string, Task>;
}

function tasksOf({ projection, records }: State): Map<string, Task> {
  const { indexes, handlers } = projection;
  const rows = [...projection.rows.values()].flatMap((named) => [...named.values()]);
  const tags = [...projection.tags.values()].flatMap((named) => [...named.values()]);
  const tasks = new Map<string, Task>();
  for (const index of handlers) {
    const view = buildView({ index, indexes, rows, tags });
    const nearness = searchOrder(index, indexes);
    for (const name of view.names()) {
      const row = pick(view, name, '*');
      if (row === undefined || taskOf(row.manifest) === undefined) continue;
      const key = taskKey(index, name);
      tasks.set(key, {
        index,
        row,
        view,
        nearness,
        resolution: resolveTask(view, row),
        record: records.tasks.get(key),
      });
    }
  }
  return tasks;
}

const hashOf = ({ resolution }: Task): string | undefined =>
  resolution.ok ? resolution.lock.hash : undefined;

function standOf({ state, tasks }: Asked, task: Task): TaskStatus | 'open' {
  const { record, row, index } = task;
  const hash = hashOf(task);
  if (record?.attempt !== undefined) {
    const run = state.records.runs.get(record.attempt)!;
    return { is: 'running', stale: run.lock.hash !== hash };
  }
  if (hash === undefined) return 'open';
  if (row.index !== index) {
    for (const base of state.projection.handlers) {
      const there = base === index ? undefined : tasks.get(taskKey(base, row.name));
      if (there === undefined || there.row !== row || hashOf(there) !== hash) continue;
      if (isNewerHere(state, task, there)) break;
      return { is: 'inherited', from: base };
    }
  }
  if (record?.success?.lock === hash)
    return record.status.is === 'clean' && record.status.known ? record.status : { is: 'clean' };
  const attempt = record?.failed[hash];
  if (attempt !== undefined) return { is: 'failed', attempt };
  const until = record?.tries?.lock === hash ? record.tries.notBefore : undefined;
  if (until !== undefined) return { is: 'backing-off', until };
  return quietOf(task) ?? 'open';
}

/** A task with a debounce, of which nobody has seen yet that its inputs have rested. */
function quietOf({ row, record }: Task): TaskStatus | undefined {
  const seconds = taskOf(row.manifest)?.policy?.debounce;
  const newest = record?.woken.at(-1);
  if (seconds === undefined || newest?.is !== 'change' || (record?.rested ?? '') >= newest.at)
    return undefined;
  const until = new Date(Date.parse(newest.at) + seconds * 1000).toISOString();
  return { is: 'backing-off', until, quiet: true };
}

const pausedIn = ({ state }: Asked, { index, row }: Task): Blocker[] => {
  const all = state.records.meta.get('reactor')?.paused ?? [];
  const pause = all.find(
    (one) => (one.task ?? row.name) === row.name && (one.index === undefined || one.index === index),
  );
  const reason = pause?.reason === undefined ? {} : { reason: pause.reason };
  return pause === undefined ? [] : [{ is: 'paused', task: row.name, by: pause.by, ...reason }];
};

/** Has the task made something here, of other inputs, since its base made what it has of these? */
function isNewerHere({ records }: State, { record }: Task, base: Task): boolean {
  const [own, other] = [record?.success, base.record?.success];
  if (own === undefined || other?.lock !== hashOf(base) || own.lock === other?.lock) return false;
  const made = (attempt: string | undefined): Map<string, string> => {
    const { published = [], unchanged = [] } = records.runs.get(attempt ?? '')?.outcome ?? {};
    return new Map([...published, ...unchanged].map(({ name, version }) => [name, version]));
  };
  const [here, there] = [made(own.attempt), made(other?.attempt)];
  return [...there].some(([name, version]) => compareVersions(here.get(name) ?? version, version) > 0);
}

function statusOf(asked: Asked, task: Task): TaskStatus {
  const stand = standOf(asked, task);
  if (stand !== 'open') return stand;
  const { waits, blockers } = above(asked, task, []);
  if (waits.size > 0) return { is: 'waiting', for: [...waits].toSorted() };
  const missing: Blocker[] = task.resolution.ok
    ? []
    : task.resolution.missing.map(({ name, range, from }) => ({
        is: 'missing',
        name,
        range,
        from,
        versions: task.view.versions(name).map(({ version }) => version),
      }));
  return { is: 'blocked', by: [...missing, ...pausedIn(asked, task), ...blockers.values()] };
}

const none = (): Above => ({ waits: new Set(), blockers: new Map() });
const wait = (name: string): Above => ({ waits: new Set([name]), blockers: new Map() });
const block = (...all: Blocker[]): Above => ({
  waits: new Set(),
  blockers: new Map(all.map((one) => [JSON.stringify(one), one])),
});

function above(asked: Asked, task: Task, path: readonly Task[]): Above {
  if (path.includes(task)) return block({ is: 'cycle', task: task.row.name });
  const answers = edgesOf(task).flatMap(({ name, range }) => {
    const makers = [...asked.tasks.values()].filter(({ row }) => makes(row, name));
    const here = makers.filter(({ index }) => index === task.index);
    const { nearness } = task;
    const inBases = makers.filter(({ index }) => index !== task.index && nearness.includes(index));
    const ask = (feeder: Task) => through(asked, { feeder, name, range, path: [...path, task] });
    const told = inBases.map(ask);
    return [...here.map(ask), ...(here.length === 0 ? told : told.map(onlyWhatComes))];
  });
  return {
    waits: new Set(answers.flatMap(({ waits }) => [...waits])),
    blockers: new Map(answers.flatMap(({ blockers }) => [...blockers])),
  };
}

/** Of a base, where another makes it here: nobody is kept from running by who cannot run there. */
const onlyWhatComes = ({ waits }: Above): Above => ({ waits, blockers: new Map() });

const makes = ({ manifest }: Row, product: string): boolean =>
  Object.values(taskOf(manifest)?.products ?? {}).includes(product);

interface Through {
  readonly feeder: Task;
  readonly name: string;
  readonly range: string;
  readonly path: readonly Task[];
}

function through(asked: Asked, { feeder, name, range, path }: Through): Above {
  const stand = standOf(asked, feeder);
  const task = feeder.row.name;
  if (stand === 'open') {
    const { waits, blockers } = above(asked, feeder, path);
    const paused = pausedIn(asked, feeder);
    if (waits.size > 0 || (blockers.size + paused.length === 0 && feeder.resolution.ok)) return wait(task);
    const roots = [...blockers.values()].filter(({ is }) => is !== 'blocked' && is !== 'missing');
    return block(...roots, ...paused, { is: 'blocked', task });
  }
  switch (stand.is) {
    case 'failed':
      return block({ is: 'failed', task, attempt: stand.attempt });
    case 'backing-off':
      return wait(task);
    case 'running': {
      const { products } = asked.state.records.runs.get(feeder.record!.attempt!)!;
      const brings = products.some((one) => one.name === name && admits(range, one.version));
      return stand.stale || brings ? wait(task) : above(asked, feeder, path);
    }
    case 'inherited':
      return through(asked, { feeder: asked.tasks.get(taskKey(stand.from, task))!, name, range, path });
    case 'clean':
      return above(asked, feeder, path);
    case 'waiting':
    case 'blocked':
    case 'gone':
      return none();
  }
}

function edgesOf({ row, resolution, view }: Task): { readonly name: string; readonly range: string }[] {
  const read = resolution.ok
    ? Object.values(resolution.lock.nodes).map(({ name, version }) =>
        view.versions(name).find((one) => one.version === version)!,
      )
    : [row];
  const asked = read.flatMap(({ manifest: { dependencies, optionalDependencies, peerDependencies } }) =>
    [dependencies, optionalDependencies, peerDependencies].flatMap((map) =>
      Object.entries(map ?? {}).map(([name, range]) => ({ name, range })),
    ),
  );
  return resolution.ok ? asked : [...asked, ...resolution.missing];
}

/** The same status, whatever the order in which obstacles are told. */
export const asTold = (status: TaskStatus | undefined): unknown =>
  status?.is === 'blocked'
    ? { is: 'blocked', by: status.by.map((one) => JSON.stringify(one)).toSorted() }
    : status;
