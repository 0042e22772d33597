/** Tasks that a change of a play woke and that it left without a run, by name. */
import type { Plan, PlannedRun } from '@pipl/registry-client';
import { statusLine } from './explain-task.ts';
import type { RunRecord, State } from './types.ts';
import { taskKey } from './types.ts';

/** @param first the last change before the play */
export function staysOf(
  state: State,
  { ran, first }: { readonly ran: readonly PlannedRun[]; readonly first: number },
): Plan['stays'] {
  const run = new Set(ran.map(({ index, task }) => taskKey(index, task)));
  const woken = [...state.records.woken.values()].flatMap(({ seq, woke }) => (seq > first ? woke : []));
  return [...new Set(woken)].toSorted().flatMap((key) => {
    const record = run.has(key) ? undefined : state.records.tasks.get(key);
    const line = record === undefined ? undefined : statusLine(state, record, lastOf(state, record.last));
    return record === undefined || line === undefined ? [] : [{ task: record.name, line }];
  });
}

const lastOf = ({ records }: State, attempt: string | undefined): RunRecord | undefined =>
  attempt === undefined ? undefined : records.runs.get(attempt);
