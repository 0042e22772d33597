/** Runs and waves as the HTTP API tells them: the reactor's records, with what the engine sees right now. */
import type { Engine, Observation } from '@pipl/engine';
import type { RunRecordView, RunView, WaveView } from '@pipl/registry-client';
import type { RunRecords } from './run-records.ts';
import { changesOf, runsOf } from './step/index.ts';
import type { Cause, RunRecord, State, WaveRecord } from './step/index.ts';

export interface RunQuery {
  /** runs of the waves that this change belongs to */
  readonly change?: number;
  readonly wave?: number;
  readonly task?: string;
  readonly state?: string;
  readonly limit: number;
}

/** Newest first, unless one change or one wave was asked for: then in the order they were submitted. */
export async function findRuns(state: State, engine: Engine, query: RunQuery): Promise<RunView[]> {
  const waves =
    query.change === undefined ? undefined : new Set(wavesOf(state, query.change).map(({ id }) => id));
  const wanted = [...state.records.runs.values()]
    .filter((run) => waves === undefined || waves.has(run.wave))
    .filter((run) => query.wave === undefined || numberOf(run.wave) === query.wave)
    .filter((run) => query.task === undefined || run.task === query.task)
    .filter((run) => query.state === undefined || mayBe(run, query.state))
    .toSorted((a, b) => a.submittedAt.localeCompare(b.submittedAt));
  const ordered = query.change === undefined && query.wave === undefined ? wanted.toReversed() : wanted;
  const views = await Promise.all(
    (isGoingOn(query.state) ? ordered : ordered.slice(0, query.limit)).map((run) => viewRun(run, engine)),
  );
  return views
    .filter(({ state: now }) => query.state === undefined || now === query.state)
    .slice(0, query.limit);
}

/** Only the engine knows which of the two it is. */
const isGoingOn = (state: string | undefined): boolean => state === 'waiting' || state === 'running';
const mayBe = (run: RunRecord, state: string): boolean =>
  isGoingOn(state) ? isGoingOn(run.state) : run.state === state;

export async function viewRun(run: RunRecord, engine: Engine): Promise<RunView> {
  const seen = await engine.observe(run.attempt);
  const { startedAt = run.startedAt, firstActionAt, progress, message, reused } = seen;
  return {
    attempt: run.attempt,
    runKey: run.runKey,
    task: run.task,
    taskVersion: run.taskVersion,
    index: run.index,
    wave: numberOf(run.wave),
    cause: nameCause(run.cause),
    because: run.because,
    state: stateOf(run, seen),
    submittedAt: run.submittedAt,
    ...(progress === undefined ? {} : { progress }),
    ...(message === undefined ? {} : { message }),
    ...(reused === undefined ? {} : { reused }),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(firstActionAt === undefined ? {} : { firstActionAt }),
    ...(run.endedAt === undefined ? {} : { endedAt: run.endedAt }),
    ...(run.reason === undefined ? {} : { reason: run.reason }),
    ...(run.replacedBy === undefined ? {} : { replacedBy: run.replacedBy }),
    products: [
      ...(run.outcome?.published ?? []).map(({ name, version }) => ({ name, version, published: true })),
      ...(run.outcome?.unchanged ?? []).map((product) => ({ ...product, published: false })),
    ],
  };
}

export async function viewRecord(
  run: RunRecord,
  { engine, runRecords }: { readonly engine: Engine; readonly runRecords: RunRecords },
): Promise<RunRecordView> {
  const { hash, direct, pins } = run.lock;
  const recorded = await runRecords.read(run.attempt);
  return { run: await viewRun(run, engine), lock: { hash, direct, pins }, ...recorded };
}

/** People count waves; the reactor's records name them `w1`, `w2`, … */
export const numberOf = (wave: string): number => Number(wave.slice(1));

/** The engine knows of a start before the reactor has heard of it. */
const stateOf = (run: RunRecord, seen: Observation): RunView['state'] =>
  run.state === 'waiting' && seen.is === 'running' ? 'running' : run.state;

export const findWaves = (state: State, { change, limit }: { change?: number; limit: number }): WaveView[] =>
  (change === undefined ? [...state.records.waves.values()] : wavesOf(state, change))
    .toSorted((a, b) => numberOf(b.id) - numberOf(a.id))
    .slice(0, limit)
    .map((wave) => ({
      id: numberOf(wave.id),
      cause: nameCause(wave.cause),
      state: wave.state,
      runs: runsOf(state, wave.id),
    }));

const wavesOf = (state: State, change: number): WaveRecord[] =>
  [...state.records.waves.values()].filter((wave) => seqsOf(state, wave).includes(change));

const seqsOf = (state: State, wave: WaveRecord): number[] => [
  ...(wave.cause.is === 'change' ? [wave.cause.seq] : []),
  ...changesOf(state, wave.id).map(({ seq }) => seq),
];

function nameCause(cause: Cause): RunView['cause'] {
  switch (cause.is) {
    case 'change':
      return { seq: cause.seq, name: cause.name, version: cause.version };
    case 'retry':
    case 'schedule':
      return { seq: 0, name: cause.task, version: '' };
    case 'resume':
    case 'started':
      return { seq: 0, name: '', version: '' };
  }
}
