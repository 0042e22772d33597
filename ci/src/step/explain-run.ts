/** Why a run was made, how it ended, and what came of it: also of one that was given up, lost or overtaken. */
import { blockerWords, causeWords, clock, list, runSentence } from './sentences.ts';
import { statusLine } from './explain-task.ts';
import type { Explanation, Facts } from './explain-task.ts';
import { supersededWords } from './superseding.ts';
import { isUnderWay } from './under-way.ts';
import type { RunRecord, State } from './types.ts';
import { taskKey } from './types.ts';

export function explainRun(state: State, run: RunRecord, facts: Facts = {}): Explanation {
  const { records } = state;
  const wave = records.waves.get(run.wave);
  const reads = Object.entries(run.lock.direct).map(([name, version]) => `${name} ${version}`);
  const lines = [
    runSentence(state, run, facts),
    `  It is ticket ${run.attempt} of ${run.task} ${run.taskVersion} in ${run.index}, part of wave ${run.wave}${wave === undefined ? '' : ` (${causeWords(wave.cause)})`}.`,
    `  It reads ${list(reads) || 'nothing'}.`,
    ...ownLines(run),
    ...(run.previous === undefined ? [] : [`  The task's run before was ticket ${run.previous}.`]),
    ...resumedLine(facts),
    ...afterLines(state, run),
    ...wokenLine(state, run),
  ];
  const next = nextOf(state, run);
  const data = {
    is: 'run',
    run,
    ...(wave === undefined ? {} : { wave }),
    ...(next === undefined ? {} : { next: next.attempt }),
    ...(facts.resumed === undefined ? {} : { resumed: facts.resumed }),
    woke: readersOf(state, run).map(({ attempt }) => attempt),
  };
  return { lines, data };
}

/** What it was made from beside its inputs, and where it was made when not here. */
function ownLines({ reference, builtOn }: RunRecord): string[] {
  const own = builtOn?.map(({ name, version }) => `${name} ${version}`) ?? [];
  const lines = [];
  if (own.length > 0) lines.push(`  It builds on what it made last: ${list(own)}.`);
  else if (builtOn !== undefined) lines.push('  It asks for what it made last, and there was nothing yet.');
  if (reference !== undefined) {
    lines.push(
      `  Nothing ran for it: ticket ${reference.attempt} made the same in ${reference.index}, and that is referenced here.`,
    );
  }
  return lines;
}

const resumedLine = ({ resumed }: Facts): string[] =>
  resumed === undefined ? [] : [`  Its actions did not run: it published what ticket ${resumed} had made.`];

const nextOf = ({ records }: State, run: RunRecord): RunRecord | undefined =>
  records.runs.values().find(({ previous, index }) => previous === run.attempt && index === run.index);

/** What follows from an end that made nothing, and from inputs that changed meanwhile. */
function afterLines(state: State, run: RunRecord): string[] {
  const next = nextOf(state, run);
  const isSame = next?.lock.hash === run.lock.hash;
  const then = next === undefined ? undefined : `ticket ${next.attempt} (${next.state})`;
  switch (run.state) {
    case 'waiting':
    case 'running':
      if (run.superseding !== undefined)
        return [`  It is being taken back, unless it has begun: ${supersededWords(run.superseding)}.`];
      return run.stale
        ? ['  What it reads changed since it was submitted: the task runs once more after it.']
        : [];
    case 'succeeded':
    case 'unchanged':
      return run.stale && then !== undefined
        ? [`  What it reads changed while it ran: the task ran again on that, ${then}.`]
        : [];
    case 'superseded':
      return [`  ${insteadLine(state, run, then)}`];
    case 'failed':
    case 'canceled':
    case 'lost':
      if (then !== undefined) {
        return [`  The task was tried again ${isSame ? 'on the same inputs' : 'on other inputs'}: ${then}.`];
      }
      return [`  ${untriedLine(state, run)}`];
  }
}

/** @param then the task's next attempt, in words */
function insteadLine(state: State, { index, task: name }: RunRecord, then: string | undefined): string {
  if (then !== undefined) return `The task was started with what it read by then: ${then}.`;
  const task = state.records.tasks.get(taskKey(index, name));
  const now = task === undefined ? undefined : statusLine(state, task, undefined);
  return `Nothing runs in its place${now === undefined ? '' : `: ${now.replace(/\.$/, '')}`}.`;
}

function untriedLine({ records, ...state }: State, run: RunRecord): string {
  const task = records.tasks.get(taskKey(run.index, run.task));
  const { status } = task ?? {};
  switch (status?.is) {
    case 'backing-off':
      return `The task is tried again at ${clock(status.until)}.`;
    case 'blocked':
      return `The task is not tried again: ${list(status.by.map((one) => blockerWords({ records, ...state }, one)))}.`;
    case 'waiting':
      return `The task is tried again after ${list(status.for)}.`;
    case 'clean':
      return 'The task was not tried again: its inputs went back to what it has a result for.';
    case 'gone':
      return 'The task was not tried again: it was withdrawn.';
    case 'failed':
    case 'inherited':
    case 'running':
    case undefined:
      return 'The task is not tried again with these inputs until somebody asks for it.';
  }
}

/** The runs that were started because of what this one made. */
const readersOf = ({ records }: State, { outcome, attempt }: RunRecord): RunRecord[] => {
  const made = new Set((outcome?.published ?? []).map(({ name, version }) => `${name}@${version}`));
  if (made.size === 0) return [];
  return records.runs
    .values()
    .filter((run) => run.attempt !== attempt && run.because.some(({ name, to }) => made.has(`${name}@${to}`)))
    .toArray();
};

function wokenLine(state: State, run: RunRecord): string[] {
  if (isUnderWay(run) || (run.outcome?.published.length ?? 0) === 0) return [];
  const readers = readersOf(state, run).map(({ task, attempt }) => `${task} (ticket ${attempt})`);
  return [
    readers.length === 0 ? '  Nobody ran because of what it made.' : `  What it made woke ${list(readers)}.`,
  ];
}
