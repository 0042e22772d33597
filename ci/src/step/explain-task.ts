/** Why a task ran, or why it did not. */
import type { RunRecord, State, TaskRecord } from './types.ts';
import { blockerWords, causeWords, clock, list, runSentence } from './sentences.ts';

export interface Explanation {
  readonly lines: readonly string[];
  /** the same for programs: plain JSON */
  readonly data: unknown;
}

export function explainTask(state: State, task: TaskRecord): Explanation {
  const last = task.last === undefined ? undefined : state.records.runs.get(task.last);
  return {
    lines: taskLines(state, task, last),
    data: { is: 'task', task, ...(last === undefined ? {} : { lastRun: last }) },
  };
}

function taskLines(state: State, task: TaskRecord, last: RunRecord | undefined): string[] {
  const now = statusLine(state, task, last);
  const before = last === undefined ? [] : [runSentence(state, last)];
  return now === undefined ? before : [now, ...before];
}

/** The present in a sentence; undefined when the last run says it all. */
export function statusLine(state: State, task: TaskRecord, last: RunRecord | undefined): string | undefined {
  const { name, status } = task;
  switch (status.is) {
    case 'clean':
      if (status.known) return knownLine(state, task);
      return last === undefined ? `${name} did not run: nothing it resolves changed.` : undefined;
    case 'running':
      return status.stale
        ? `${name} runs once more after this run: what it reads changed meanwhile.`
        : undefined;
    case 'waiting':
      return `${name} waits for ${list(status.for)}${wokenWords(task)}.`;
    case 'backing-off':
      return `${name} is tried again at ${clock(status.until)}: the machinery lost its last run.`;
    case 'blocked':
      return `${name} did not run: ${list(status.by.map((one) => blockerWords(state, one)))}.`;
    case 'failed':
      return `${name} is not tried again with the same inputs: it failed with them (ticket ${status.attempt}).`;
    case 'inherited':
      return `${name} did not run here: in ${status.from}, where it comes from, it reads the same and runs there.`;
    case 'gone':
      return `${name} does not run any more: it was withdrawn.`;
  }
}

const wokenWords = ({ woken }: TaskRecord): string =>
  woken.length === 0 ? '' : `; woken by ${causeWords(woken.at(-1)!)}`;

function knownLine({ records }: State, { name, success }: TaskRecord): string {
  const run = success === undefined ? undefined : records.runs.get(success.attempt);
  const made = [...(run?.outcome?.published ?? []), ...(run?.outcome?.unchanged ?? [])].map(
    (one) => `${one.name} ${one.version}`,
  );
  return `${name} did not run: ticket ${success?.attempt} had the same inputs, and what it made is still current (${list(made)}).`;
}

export function explainRun(state: State, run: RunRecord): Explanation {
  const { records } = state;
  const wave = records.waves.get(run.wave);
  const reads = Object.entries(run.lock.direct).map(([name, version]) => `${name} ${version}`);
  const lines = [
    runSentence(state, run),
    `  It is ticket ${run.attempt} of ${run.task} ${run.taskVersion} in ${run.index}, part of wave ${run.wave}${wave === undefined ? '' : ` (${causeWords(wave.cause)})`}.`,
    `  It reads ${list(reads) || 'nothing'}.`,
    ...(run.previous === undefined ? [] : [`  The task's run before was ticket ${run.previous}.`]),
  ];
  return { lines, data: { is: 'run', run, ...(wave === undefined ? {} : { wave }) } };
}
