/** Why a task ran, or why it did not. */
import type { IndexName } from '@pipl/packl';
import type { RunRecord, State, TaskRecord } from './types.ts';
import { supersededWords } from './superseding.ts';
import { blockerWords, causeWords, clock, list, runSentence } from './sentences.ts';

export interface Explanation {
  readonly lines: readonly string[];
  /** the same for programs: plain JSON */
  readonly data: unknown;
}

/** What the state does not know and an explanation may tell. */
export interface Facts {
  /** how a version gets into an index, as the end of a sentence: `checks and approval`; undefined: no gate */
  readonly gateOf?: (index: IndexName) => string | undefined;
  /** of a run: the attempt whose outputs it published */
  readonly resumed?: string;
}

export function explainTask(state: State, task: TaskRecord, facts: Facts = {}): Explanation {
  const last = task.last === undefined ? undefined : state.records.runs.get(task.last);
  return {
    lines: taskLines(state, task, { last, facts }),
    data: { is: 'task', task, ...(last === undefined ? {} : { lastRun: last }) },
  };
}

function taskLines(
  state: State,
  task: TaskRecord,
  { last, facts }: { readonly last: RunRecord | undefined; readonly facts: Facts },
): string[] {
  const now = statusLine(state, task, last);
  const before = last === undefined ? [] : [runSentence(state, last, facts)];
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
      if (last?.superseding !== undefined && last.state === 'waiting')
        return `${name} waits for a place, and is taken back unless it has begun: ${supersededWords(last.superseding)}.`;
      return status.stale
        ? `${name} runs once more after this run: what it reads changed meanwhile.`
        : undefined;
    case 'waiting':
      return `${name} waits for ${list(status.for.map((one) => whereIsIt(state, task, one)))}${wokenWords(task)}.`;
    case 'backing-off':
      if (status.quiet === true)
        return `${name} waits until ${clock(status.until)}, so that what it reads has rested${wokenWords(task)}.`;
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

/** What is waited for may be under way in a base, while it is done here. */
function whereIsIt({ records }: State, { index }: TaskRecord, name: string): string {
  const isUnderWay = ({ status: { is } }: TaskRecord): boolean =>
    is === 'running' || is === 'waiting' || is === 'backing-off';
  const named = [...records.tasks.values()].filter((one) => one.name === name && isUnderWay(one));
  const other = named.some((one) => one.index === index) ? undefined : named[0];
  return other === undefined ? name : `${name} in ${other.index}`;
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
