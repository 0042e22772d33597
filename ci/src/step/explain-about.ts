/** Why a task stayed as it was: after a change, and with the version of an input that it has. */
import { piplError } from '@pipl/packl';
import type { Change, Row } from '@pipl/packl';
import { edgesOf } from './flow.ts';
import type { Edge } from './flow.ts';
import { whyNot } from './explain-packl.ts';
import { statusLine } from './explain-task.ts';
import type { Explanation, Facts } from './explain-task.ts';
import { causeOf } from './feed.ts';
import { causeWords, list, runSentence } from './sentences.ts';
import type { RunRecord, State, TaskRecord } from './types.ts';
import { taskKey } from './types.ts';
import { currentIn, shownIn } from './shown.ts';

/** The task and one input: with which version it is, and why with none of the others. */
export function explainInput(state: State, task: TaskRecord, input: string, facts: Facts = {}): Explanation {
  const { edges, pins } = readingOf(state, task, input);
  if (edges.length === 0) {
    const line = `${task.name} does not ask for ${input}, nor does anything that it reads.`;
    return { lines: [line], data: { is: 'input', task: task.name, input, asks: [] } };
  }
  const asks = `${task.name} asks for ${input} ${list(edges.map(({ range }) => range))}`;
  const head = pins.length === 0 ? `${asks} and gets none.` : `${asks} and reads ${list(pins)}.`;
  const others = shownIn(state, task.index)
    .view.versions(input)
    .filter(({ version }) => !pins.includes(version));
  const reasons = others.slice(0, mostVersions).map(({ version }) => ({
    version,
    why: whyNot(state, task.index, { packl: { name: input, version }, edges }),
  }));
  const more = others.length - reasons.length;
  const brought = broughtBy(state, task, { input, pins });
  return {
    lines: [
      head,
      ...(brought === undefined ? [] : [`  ${runSentence(state, brought, facts)}`]),
      ...reasons.map(({ why }) => `  Not another: ${why}.`),
      ...(more === 0 ? [] : [`  Nor ${more} older ones.`]),
    ],
    data: {
      is: 'input',
      task: task.name,
      input,
      asks: edges.map(({ range }) => range),
      reads: pins,
      others: reasons,
    },
  };
}

const mostVersions = 5;

/** The newest run that began to read this version. */
const broughtBy = (
  { records }: State,
  { name: of, index }: TaskRecord,
  { input, pins }: { readonly input: string; readonly pins: readonly string[] },
): RunRecord | undefined =>
  records.runs
    .values()
    .filter((run) => run.task === of && run.index === index)
    .toArray()
    .findLast(({ because }) =>
      because.some(({ name, to }) => name === input && to !== undefined && pins.includes(to)),
    );

/** The task and one change: that it ran because of it, or what kept it. */
export function explainAfter(state: State, task: TaskRecord, change: Change, facts: Facts = {}): Explanation {
  const { name, index } = task;
  const runs = state.records.runs
    .values()
    .filter((run) => run.task === name && run.index === index)
    .filter(({ cause, because }) =>
      [cause.is === 'change' ? cause.seq : undefined, ...because.map(({ seq }) => seq)].includes(change.seq),
    )
    .toArray();
  const data = { is: 'after', task: name, seq: change.seq, runs: runs.map(({ attempt }) => attempt) };
  if (runs.length > 0) return { lines: runs.map((run) => runSentence(state, run, facts)), data };
  return { lines: [notAfter(state, task, change)], data };
}

function notAfter(state: State, task: TaskRecord, change: Change): string {
  const { records } = state;
  const what = `${task.name} did not run after ${causeWords(causeOf(change))}`;
  if (change.seq > (records.meta.get('reactor')?.cursor ?? 0)) return `${what}: nobody has looked at it yet.`;
  if (records.held.values().some(({ cause }) => cause.seq === change.seq)) {
    return `${what}: it waits until wave ${records.meta.get('reactor')?.wave} is over.`;
  }
  const key = taskKey(task.index, task.name);
  const woken = records.woken.values().some(({ seq, woke }) => seq === change.seq && woke.includes(key));
  if (woken) {
    const now = statusLine(state, task, undefined);
    return `${what} alone: the change altered what it resolves. ${now ?? `Its next run, ticket ${task.last}, read it with others.`}`;
  }
  if (['verdict', 'run', 'settled'].includes(change.op)) return `${what}: such a change shows nothing new.`;
  if (change.name === task.name) return `${what}: ${ownVersion(state, task, change)}.`;
  const { edges, pins } = readingOf(state, task, change.name);
  if (edges.length === 0)
    return `${what}: it does not ask for ${change.name}, nor does anything that it reads.`;
  const packl = { name: change.name, version: change.version };
  const stays = pins.length === 0 ? 'it has none' : `it stays with ${list(pins)}`;
  return `${what}: it asks for ${change.name} ${list(edges.map(({ range }) => range))}: ${whyNot(state, task.index, { packl, edges })}; ${stays}.`;
}

function ownVersion(state: State, { index, name }: TaskRecord, { version }: Change): string {
  const now = currentIn(shownIn(state, index), name)?.version;
  return now === version ? 'it was withdrawn or is not seen here' : `its current version is ${now ?? 'none'}`;
}

function readingOf(
  state: State,
  { index, name: of }: TaskRecord,
  input: string,
): { readonly edges: readonly Edge[]; readonly pins: readonly string[] } {
  const shown = shownIn(state, index);
  const row: Row | undefined = currentIn(shown, of);
  if (row === undefined) return { edges: [], pins: [] };
  const resolution = shown.resolve(row);
  const edges = edgesOf(state, { index, row, resolution }).filter(({ name }) => name === input);
  const nodes = resolution.ok ? Object.values(resolution.lock.nodes) : [];
  return { edges, pins: nodes.filter(({ name }) => name === input).map(({ version }) => version) };
}

export const notATask = (subject: string) =>
  piplError('usage', 'PIPL_WHY_ABOUT', {
    what: `${subject} is not a task.`,
    why: 'Only of a task can be asked why it stayed as it was after a change, or with an input.',
    hint: 'For example `pipl why @film/movie 423` or `pipl why @film/movie @film/bunny`.',
  });
