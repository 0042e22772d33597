/**
 * Why something ran, ran with that version, or did not run: from the state alone, in sentences and as data.
 */
import { piplError } from '@pipl/packl';
import type { Change, IndexName } from '@pipl/packl';
import { explainAfter, explainInput, notATask } from './explain-about.ts';
import { explainChange, explainVersion } from './explain-packl.ts';
import { explainRun } from './explain-run.ts';
import { explainTask } from './explain-task.ts';
import type { Explanation, Facts } from './explain-task.ts';
import type { RunRecord, State } from './types.ts';
import { taskKey } from './types.ts';
import { currentIn, shownIn } from './shown.ts';

/** So much of an attempt is enough to name it. */
const shortestAttempt = 6;

export interface Question extends Facts {
  /** where to look; the first index with a handler unless told */
  readonly index?: IndexName;
  /** of a task: why it did, or did not do, something with this packl, or after this change */
  readonly about?: string | Change;
}

/**
 * @param subject a task, a packl, `name@version`, the number of a change, or an attempt (its beginning will do)
 * @throws PIPL_WHY_UNKNOWN PIPL_WHY_ABOUT
 */
export function explain(state: State, subject: string, question: Question = {}): Explanation {
  const { index, about, ...facts } = question;
  const places = index === undefined ? state.projection.handlers : [index];
  if (about !== undefined) return explainAbout(state, { places, subject, about, facts });
  const seq = /^\d{1,15}$/.test(subject) ? Number(subject) : undefined;
  // An attempt may begin with digits only; the changes that there are go first.
  if (seq !== undefined && seq <= cursorOf(state)) return explainChange(state, seq, facts);
  const run = runNamed(state, subject);
  if (run !== undefined) return explainRun(state, run, facts);
  if (seq !== undefined) return explainChange(state, seq, facts);
  for (const place of places) {
    const found = explainIn(state, place, { subject, facts });
    if (found !== undefined) return found;
  }
  throw piplError('notFound', 'PIPL_WHY_UNKNOWN', {
    what: `Nothing is known of ${subject}.`,
    why: `It is no task, packl, change or run of ${places.join(', ') || 'this project'}.`,
    hint: '`pipl runs` lists the runs, `pipl proj index list` the packls.',
  });
}

/** By its name or an unmistakable beginning of it. */
export const runNamed = (state: State, subject: string): RunRecord | undefined =>
  state.records.runs.get(subject) ?? (subject.length < shortestAttempt ? undefined : onlyRun(state, subject));

interface About {
  readonly places: readonly IndexName[];
  readonly subject: string;
  readonly about: string | Change;
  readonly facts: Facts;
}

function explainAbout(state: State, { places, subject, about, facts }: About): Explanation {
  const keys = places.map((place) => taskKey(place, subject));
  const task = keys.map((key) => state.records.tasks.get(key)).find((one) => one !== undefined);
  if (task === undefined) throw notATask(subject);
  return typeof about === 'string'
    ? explainInput(state, task, about, facts)
    : explainAfter(state, task, about, facts);
}

const cursorOf = ({ records }: State): number => records.meta.get('reactor')?.cursor ?? 0;

function explainIn(
  state: State,
  index: IndexName,
  { subject, facts }: Pick<About, 'subject' | 'facts'>,
): Explanation | undefined {
  const at = subject.indexOf('@', 1);
  const name = at < 0 ? subject : subject.slice(0, at);
  if (at > 0) {
    return state.projection.rows.has(name)
      ? explainVersion(state, { index, packl: { name, version: subject.slice(at + 1) }, facts })
      : undefined;
  }
  const task = state.records.tasks.get(taskKey(index, name));
  if (task !== undefined) return explainTask(state, task, facts);
  const row = currentIn(shownIn(state, index), name);
  return row === undefined
    ? undefined
    : explainVersion(state, { index, packl: { name, version: row.version }, facts });
}

function onlyRun({ records }: State, beginning: string) {
  const found = records.runs
    .values()
    .filter(({ attempt }) => attempt.startsWith(beginning))
    .toArray();
  return found.length === 1 ? found[0] : undefined;
}
