/**
 * Work that has a result is done again: somebody does not believe the result, or mends what made it. The inputs are
 * the same ones; what comes out equal is no new version and wakes nobody. Until the new result is there the old one
 * stands, and if there will be none, it goes on standing.
 */
import { taskRecordOf, write } from './draft.ts';
import type { Draft } from './draft.ts';
import { taskKey } from './types.ts';
import type { Input } from './types.ts';

/** Only of tasks that still have the inputs that were meant, and a result for them; the rest stays as it is. */
export function takeAgain(draft: Draft, { tasks, at }: Input & { readonly is: 'again' }): void {
  for (const { task, index, lock } of tasks) {
    const record = taskRecordOf(draft, index, task);
    const { [lock]: _, ...failed } = record.failed;
    if (record.success?.lock !== lock || record.lock !== lock || record.attempt !== undefined) continue;
    const cause = { is: 'retry', task, at } as const;
    draft.cause = cause;
    const woken = [...record.woken, cause];
    write(draft, 'tasks', taskKey(index, task), { ...record, failed, again: lock, woken });
  }
}
