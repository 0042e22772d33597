/**
 * The reactor's state as it was at a moment, as far as it can be told from what is kept: the runs there were, how
 * they stood, and what every task resolved to. Which inputs were given up between two tries is not kept.
 */
import { type Resolution, type Row } from '@pipl/packl';
import type { Blocker, RunRecord, State, TaskRecord, TaskStatus, WaveRecord } from '../step/index.ts';
import { taskKey } from '../step/types.ts';
import { lookOver, type Shown } from '../step/shown.ts';
import type { Moment } from './moment.ts';

export function pastState({ records }: State, { projection, seq, at }: Moment): State {
  const runs = new Map(
    [...records.runs].flatMap(([attempt, run]) => {
      const then = runThen(run, at);
      return then === undefined ? [] : [[attempt, then] as const];
    }),
  );
  const waves = new Map(
    [...records.waves].flatMap(([id, wave]) => (wave.openedAt <= at ? [[id, waveThen(wave, at)]] : [])),
  );
  const open = [...waves.values()].findLast(({ state }) => state === 'open');
  const meta = { cursor: seq, waves: waves.size, ...(open === undefined ? {} : { wave: open.id }) };
  const byTask = Map.groupBy(runs.values(), ({ index, task }) => taskKey(index, task));
  const tasks = new Map<string, TaskRecord>();
  const places = projection.handlers.map((index) => lookOver(projection, index));
  for (const shown of places) {
    for (const row of shown.tasks())
      tasks.set(taskKey(shown.index, row.name), taskThen({ shown, runs: byTask, row }));
  }
  return {
    projection,
    records: {
      ...records,
      runs,
      waves,
      woken: new Map([...records.woken].filter(([, woken]) => woken.seq <= seq)),
      tasks: withWaits(places, tasks),
      tickets: new Map(),
      reservations: new Map(),
      held: new Map(),
      meta: new Map([['reactor', meta]]),
    },
  };
}

/** A run that had not ended is told as it stood. */
function runThen(run: RunRecord, at: string): RunRecord | undefined {
  if (run.submittedAt > at) return undefined;
  if (run.endedAt !== undefined && run.endedAt <= at) return run;
  const { endedAt: _e, reason: _r, outcome: _o, superseding: _s, replacedBy: _b, startedAt, ...rest } = run;
  const isRunning = startedAt !== undefined && startedAt <= at;
  return isRunning ? { ...rest, startedAt, state: 'running' } : { ...rest, state: 'waiting' };
}

function waveThen(wave: WaveRecord, at: string): WaveRecord {
  const { closedAt, ...rest } = wave;
  const isClosed = closedAt !== undefined && closedAt <= at;
  return {
    ...rest,
    ...(isClosed ? { closedAt } : {}),
    state: isClosed ? 'closed' : 'open',
  };
}

interface Asked {
  readonly shown: Shown;
  /** by task */
  readonly runs: ReadonlyMap<string, readonly RunRecord[]>;
  readonly row: Row;
}

function taskThen({ shown, runs, row }: Asked): TaskRecord {
  const { index } = shown;
  const { name, version } = row;
  const mine = runs.get(taskKey(index, name)) ?? [];
  const resolution = shown.resolve(row);
  const lock = resolution.ok ? resolution.lock.hash : undefined;
  const success = mine.findLast(({ state }) => state === 'succeeded' || state === 'unchanged');
  const failed = mine.filter(({ state }) => state === 'failed' || state === 'canceled');
  const last = mine.at(-1);
  const underWay = last !== undefined && (last.state === 'waiting' || last.state === 'running');
  return {
    index,
    name,
    version,
    failed: Object.fromEntries(failed.map((run) => [run.lock.hash, run.attempt])),
    woken: [],
    ...(lock === undefined ? {} : { lock }),
    ...(underWay ? { attempt: last.attempt } : {}),
    ...(success === undefined ? {} : { success: { lock: success.lock.hash, attempt: success.attempt } }),
    ...(last === undefined ? {} : { last: last.attempt }),
    status: statusThen({ shown, resolution, lock, last, underWay, success }),
  };
}

interface Standing extends Pick<Asked, 'shown'> {
  readonly resolution: Resolution;
  readonly lock: string | undefined;
  readonly last: RunRecord | undefined;
  readonly underWay: boolean;
  readonly success: RunRecord | undefined;
}

function statusThen({ shown, resolution, lock, last, underWay, success }: Standing): TaskStatus {
  if (underWay) return { is: 'running', stale: last?.lock.hash !== lock };
  if (!resolution.ok) {
    const by = resolution.missing.map(({ name, range, from }): Blocker => {
      const versions = shown.view.versions(name).map(({ version }) => version);
      return { is: 'missing', name, range, from, versions };
    });
    return { is: 'blocked', by };
  }
  if (success?.lock.hash === lock) return last === success ? { is: 'clean' } : { is: 'clean', known: true };
  if (last !== undefined && last.lock.hash === lock && last.state !== 'superseded')
    return { is: 'failed', attempt: last.attempt };
  return { is: 'waiting', for: [] };
}

/** What had no result waited for the makers of its inputs, or was kept by one that had failed. */
function withWaits(
  places: readonly Shown[],
  tasks: ReadonlyMap<string, TaskRecord>,
): ReadonlyMap<string, TaskRecord> {
  const byIndex = new Map(places.map((shown) => [shown.index, shown]));
  return new Map(
    [...tasks].map(([key, task]) => {
      const shown = byIndex.get(task.index)!;
      const asked = Object.keys(shown.task(task.name)!.manifest.dependencies ?? {});
      const feeders = asked.flatMap((name) =>
        shown.makers(name).map((maker) => tasks.get(taskKey(task.index, maker))!),
      );
      return [key, { ...task, status: amongFeeders(task.status, feeders) }];
    }),
  );
}

function amongFeeders(status: TaskStatus, feeders: readonly TaskRecord[]): TaskStatus {
  if (status.is !== 'waiting' && status.is !== 'blocked') return status;
  const busy = feeders.filter(({ status: { is } }) => is === 'running' || is === 'waiting');
  if (busy.length > 0) return { is: 'waiting', for: [...new Set(busy.map(({ name }) => name))] };
  const failed = feeders.flatMap(({ name, status: now }): Blocker[] =>
    now.is === 'failed' ? [{ is: 'failed', task: name, attempt: now.attempt }] : [],
  );
  if (failed.length > 0) return { is: 'blocked', by: failed };
  return status.is === 'waiting' ? { is: 'waiting', for: ['its turn'] } : status;
}
