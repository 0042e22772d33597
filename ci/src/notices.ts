/**
 * Failures that somebody should hear of, as lines of the feed: webhooks, streams and whoever follows read them there,
 * in order, as often as they need, and they are written with the records that say the same.
 *
 * Told is a task that is given up, once: not each attempt that is tried again by itself, and not what somebody
 * cancelled.
 */
import type { Change } from '@pipl/packl';
import type { RunRecord, State, TaskRecord, Write } from './step/index.ts';

export type Notice = Omit<Change, 'seq' | 'at'>;

const longestReason = 2_000;

/** @param writes several of one task in their order; @param after them */
export function noticesOf(after: State, writes: readonly Write[]): Notice[] {
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
