/**
 * What the reactor has to tell, as lines of the feed: webhooks, streams and whoever follows read them there, in
 * order, as often as they need, and they are written with the records that say the same.
 *
 * Told is a task that is given up, once: not each attempt that is tried again by itself, and not what somebody
 * cancelled. Told is a wave that has come to its end, once, after all that it did: whoever waits for it need not ask.
 */
import type { Change, IndexName, WaveEnd } from '@pipl/packl';
import { numberOf } from './run-views.ts';
import {
  runsOf,
  type RunRecord,
  type State,
  type TaskRecord,
  type WaveRecord,
  type Write,
} from './step/index.ts';

export type Notice = Omit<Change, 'seq' | 'at'>;

const longestReason = 2_000;

/** @param writes several of one record in their order; @param after them */
export const noticesOf = (after: State, writes: readonly Write[]): Notice[] => [
  ...failuresOf(after, writes),
  ...endsOf(after, writes),
];

/** A closed wave is never opened again: closed now and not before, it ended with these writes. */
const endsOf = (after: State, writes: readonly Write[]): Notice[] =>
  writes.flatMap((write) =>
    write.table === 'waves' && write.value?.state === 'closed' && write.before?.state !== 'closed'
      ? endOf(after, write.value)
      : [],
  );

/** One that a retry set off has no change of its own: it is told of the task, and for the owner of its index. */
function endOf(after: State, { id, cause }: WaveRecord): Notice[] {
  const runs = runsOf(after, id).flatMap((attempt) => after.records.runs.get(attempt) ?? []);
  const wave: WaveEnd = {
    id: numberOf(id),
    runs: Object.fromEntries(
      [...Map.groupBy(runs, ({ state }) => state)].map(([state, some]) => [state, some.length]),
    ),
  };
  if (cause.is === 'change') {
    const { index, name, version, by } = cause;
    return [{ op: 'settled', index, name, version, by, wave }];
  }
  const [first] = runs;
  if (first === undefined) return [];
  const { index, task: name, taskVersion: version } = first;
  return [{ op: 'settled', index, name, version, by: ownerOf(index), wave }];
}

const ownerOf = (index: IndexName): string => index.slice(0, index.indexOf('/'));

function failuresOf(after: State, writes: readonly Write[]): Notice[] {
  const tasks = new Map<string, { readonly before: TaskRecord | undefined; now: TaskRecord | undefined }>();
  for (const write of writes) {
    if (write.table !== 'tasks') continue;
    const known = tasks.get(write.key);
    if (known === undefined) tasks.set(write.key, { before: write.before, now: write.value });
    else known.now = write.value;
  }
  return [...tasks.values()].flatMap(({ before, now }) => {
    const attempt = givenUp(now);
    if (attempt === undefined || givenUp(before) === attempt) return [];
    const run = after.records.runs.get(attempt);
    return run === undefined || run.state === 'canceled' ? [] : [noticeOf(run)];
  });
}

const givenUp = (task: TaskRecord | undefined): string | undefined =>
  task?.status.is === 'failed' ? task.status.attempt : undefined;

const noticeOf = ({
  index,
  task,
  taskVersion,
  attempt,
  state,
  reason = 'It did not say why.',
}: RunRecord): Notice => ({
  op: 'failed',
  index,
  name: task,
  version: taskVersion,
  by: `run:${attempt}`,
  run: attempt,
  message: `${state}: ${reason}`.slice(0, longestReason),
});
