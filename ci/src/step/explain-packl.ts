/** Which tasks a version or a change woke, and why the others stayed as they were. */
import type { IndexName, Row } from '@pipl/packl';
import { edgesOf, admits } from './flow.ts';
import type { Edge } from './flow.ts';
import { statusLine } from './explain-task.ts';
import type { Explanation, Facts } from './explain-task.ts';
import { causeWords, list, runSentence } from './sentences.ts';
import type { RunRecord, State, TaskRecord, WaveRecord } from './types.ts';
import { taskKey, wokenKey } from './types.ts';
import { shownIn } from './shown.ts';
import { changesOf, runsOf } from './wave-told.ts';

export interface Version {
  readonly name: string;
  readonly version: string;
}

interface Reason {
  readonly task: string;
  readonly woke: boolean;
  readonly line: string;
}

export function explainVersion(
  state: State,
  {
    index,
    packl,
    facts = {},
  }: { readonly index: IndexName; readonly packl: Version; readonly facts?: Facts },
): Explanation {
  const tasks = shownIn(state, index).tasks();
  const reasons = tasks.flatMap((row) => reasonFor(state, { index, row, packl, facts }) ?? []);
  const others = tasks.length - reasons.length;
  const silent =
    others === 0
      ? []
      : [
          `${others} ${reasons.length === 0 ? '' : 'other '}task${others === 1 ? ' does' : 's do'} not ask for ${packl.name}.`,
        ];
  const nobody = tasks.length === 0 ? [`${index} has no tasks.`] : [];
  const maker = makerOf(state, index, packl);
  const made = maker === undefined ? [] : [runSentence(state, maker, facts)];
  const lines = [...made, ...reasons.map(({ line }) => line), ...silent, ...nobody];
  const data = { is: 'version', index, ...packl, tasks: reasons, others };
  return { lines, data: maker === undefined ? data : { ...data, madeBy: maker.attempt } };
}

/** The run that published this version; undefined for one that a person published. */
const makerOf = (state: State, index: IndexName, { name, version }: Version): RunRecord | undefined =>
  state.records.runs
    .values()
    .find(
      (run) =>
        run.index === index &&
        run.outcome?.published.some((one) => one.name === name && one.version === version),
    );

interface Asked {
  readonly index: IndexName;
  readonly row: Row;
  readonly packl: Version;
  readonly facts: Facts;
}

function reasonFor(state: State, { index, row, packl, facts }: Asked): Reason | undefined {
  const task = row.name;
  const run = state.records.runs
    .values()
    .filter((one) => one.task === task && one.index === index)
    .toArray()
    .findLast(({ because }) => because.some(({ name, to }) => name === packl.name && to === packl.version));
  if (run !== undefined) return { task, woke: true, line: runSentence(state, run, facts) };
  if (task === packl.name) return undefined;
  const resolution = shownIn(state, index).resolve(row);
  const edges = edgesOf(state, { index, row, resolution }).filter(({ name }) => name === packl.name);
  if (edges.length === 0) return undefined;
  const pins = resolution.ok
    ? Object.values(resolution.lock.nodes).filter(({ name }) => name === packl.name)
    : [];
  const record = state.records.tasks.get(taskKey(index, task));
  if (pins.some(({ version }) => version === packl.version))
    return { task, woke: false, line: readsLine(state, task, record) };
  const stays =
    pins.length === 0 ? 'it has none' : `it stays with ${list(pins.map(({ version }) => version))}`;
  return {
    task,
    woke: false,
    line: `${task} did not run: it asks for ${packl.name} ${list(edges.map(({ range }) => range))}: ${whyNot(state, index, { packl, edges })}; ${stays}.`,
  };
}

const readsLine = (state: State, task: string, record: TaskRecord | undefined): string => {
  const line = record === undefined ? undefined : statusLine(state, record, undefined);
  return line ?? `${task} reads it.`;
};

/** What keeps a version from being what these edges mean, as a clause. */
export function whyNot(
  state: State,
  index: IndexName,
  { packl: { name, version }, edges }: { readonly packl: Version; readonly edges: readonly Edge[] },
): string {
  if (!edges.some(({ range }) => admits(range, version))) return `${version} is outside`;
  const { view } = shownIn(state, index);
  const row = view.versions(name).find((one) => one.version === version);
  if (row === undefined) return `${version} is not there, or was withdrawn`;
  if (row.deprecated !== undefined) return `${version} is deprecated`;
  const held = view.tag(name, 'latest');
  return held === undefined || held === version
    ? `${version} is not the highest it admits`
    : `latest holds it at ${held}`;
}

export function explainChange(state: State, seq: number, facts: Facts = {}): Explanation {
  const { waves, runs, held, meta } = state.records;
  const inWave = waves.values().find((wave) => concerns(state, wave, seq));
  const kept = held.values().find(({ cause }) => cause.seq === seq);
  const cursor = meta.get('reactor')?.cursor ?? 0;
  if (kept !== undefined) {
    const line = `Change ${seq} waits until wave ${meta.get('reactor')?.wave} is over: publishes came faster than its runs.`;
    return { lines: [line], data: { is: 'change', seq, waits: true } };
  }
  if (inWave === undefined) {
    const line =
      seq > cursor
        ? `Change ${seq} has not been looked at yet: the last one was ${cursor}.`
        : `Change ${seq} woke nobody: no task resolves to anything else by it.`;
    return { lines: [line], data: { is: 'change', seq, woke: [] } };
  }
  const woke = changesOf(state, inWave.id).find((one) => one.seq === seq)?.woke ?? [];
  const started = runs
    .values()
    .filter(
      ({ cause, because }) =>
        (cause.is === 'change' && cause.seq === seq) || because.some((one) => one.seq === seq),
    )
    .toArray();
  return {
    lines: changeLines(state, { seq, wave: inWave, woke, started, facts }),
    data: { is: 'change', seq, wave: inWave.id, woke, runs: started.map(({ attempt }) => attempt) },
  };
}

const concerns = ({ records }: State, { id, cause }: WaveRecord, seq: number): boolean =>
  (cause.is === 'change' && cause.seq === seq) || records.woken.has(wokenKey(id, seq));

function changeLines(
  state: State,
  {
    seq,
    wave,
    woke,
    started,
    facts,
  }: {
    readonly seq: number;
    readonly wave: WaveRecord;
    readonly woke: readonly string[];
    readonly started: readonly RunRecord[];
    readonly facts: Facts;
  },
): string[] {
  const count = runsOf(state, wave.id).length;
  const opened = wave.cause.is === 'change' && wave.cause.seq === seq;
  const head = opened
    ? `${causeWords(wave.cause)} set off wave ${wave.id}: ${count} run${count === 1 ? '' : 's'}, ${wave.state}.`
    : `Change ${seq} came in wave ${wave.id}, which ${causeWords(wave.cause)} had set off.`;
  const silent = woke.filter((key) => !started.some(({ index, task }) => taskKey(index, task) === key));
  const lines = silent.flatMap((key) => {
    const record = state.records.tasks.get(key);
    return record === undefined ? [] : (statusLine(state, record, undefined) ?? []);
  });
  return [
    `${head[0]!.toUpperCase()}${head.slice(1)}`,
    ...started.map((run) => runSentence(state, run, facts)),
    ...lines,
    ...restLine(state, wave, woke),
  ];
}

/** The tasks that the wave passed by, once it is over. */
function restLine(state: State, wave: WaveRecord, woke: readonly string[]): string[] {
  if (wave.state === 'open') return [];
  const { records } = state;
  const ran = runsOf(state, wave.id).flatMap((attempt) => records.runs.get(attempt) ?? []);
  const touched = new Set([...woke, ...ran.map(({ index, task }) => taskKey(index, task))]);
  const others = [...records.tasks].filter(([key, { status }]) => !touched.has(key) && status.is !== 'gone');
  const [first] = others;
  if (first === undefined) return [];
  const [who, what] =
    others.length === 1 ? [first[1].name, 'it resolves'] : [`${others.length} other tasks`, 'they resolve'];
  return [`${who} did not run: nothing ${what} changed.`];
}
