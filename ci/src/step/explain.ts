/**
 * Why something ran, ran with that version, or did not run: from the state alone, in sentences and as data.
 */
import { piplError } from '@pipl/packl';
import type { IndexName } from '@pipl/packl';
import { explainChange, explainVersion } from './explain-packl.ts';
import { explainRun, explainTask } from './explain-task.ts';
import type { Explanation } from './explain-task.ts';
import type { State } from './types.ts';
import { taskKey } from './types.ts';
import { current } from './view.ts';

/** So much of an attempt is enough to name it. */
const shortestAttempt = 6;

/**
 * @param subject a task, a packl, `name@version`, the number of a change, or an attempt (its beginning will do)
 * @param index where to look; the first one with a handler unless told
 * @throws PIPL_WHY_UNKNOWN
 */
export function explain(state: State, subject: string, index?: IndexName): Explanation {
  const seq = /^\d{1,15}$/.test(subject) ? Number(subject) : undefined;
  // An attempt may begin with digits only; the changes that there are go first.
  if (seq !== undefined && seq <= cursorOf(state)) return explainChange(state, seq);
  const run =
    state.records.runs.get(subject) ??
    (subject.length < shortestAttempt ? undefined : onlyRun(state, subject));
  if (run !== undefined) return explainRun(state, run);
  if (seq !== undefined) return explainChange(state, seq);
  const places = index === undefined ? state.projection.handlers : [index];
  for (const place of places) {
    const found = explainIn(state, place, subject);
    if (found !== undefined) return found;
  }
  throw piplError('notFound', 'PIPL_WHY_UNKNOWN', {
    what: `Nothing is known of ${subject}.`,
    why: `It is no task, packl, change or run of ${places.join(', ') || 'this project'}.`,
    hint: '`pipl runs` lists the runs, `pipl proj index list` the packls.',
  });
}

const cursorOf = ({ records }: State): number => records.meta.get('reactor')?.cursor ?? 0;

function explainIn(state: State, index: IndexName, subject: string): Explanation | undefined {
  const at = subject.indexOf('@', 1);
  const name = at < 0 ? subject : subject.slice(0, at);
  if (at > 0) {
    return state.projection.rows.has(name)
      ? explainVersion(state, index, { name, version: subject.slice(at + 1) })
      : undefined;
  }
  const task = state.records.tasks.get(taskKey(index, name));
  if (task !== undefined) return explainTask(state, task);
  const row = current(state.projection, index, name);
  return row === undefined ? undefined : explainVersion(state, index, { name, version: row.version });
}

function onlyRun({ records }: State, beginning: string) {
  const found = records.runs
    .values()
    .filter(({ attempt }) => attempt.startsWith(beginning))
    .toArray();
  return found.length === 1 ? found[0] : undefined;
}
