/** Why a task is not tried again when somebody asks: how it stands, and what to ask for in its place. */
import { piplError } from '@pipl/packl';
import type { State } from './step/index.ts';
import type { TaskStatus } from './step/types.ts';

/** As the end of a sentence. */
const standing: Readonly<Record<TaskStatus['is'], string>> = {
  clean: 'has a result for what it reads',
  inherited: 'runs in the index that it comes from',
  running: 'is under way',
  waiting: 'waits for a run before it',
  'backing-off': 'is tried again by itself',
  blocked: 'waits for what it reads',
  failed: 'failed',
  gone: 'was withdrawn',
};

/** @throws PIPL_TASK_UNKNOWN, PIPL_NOT_FAILED: a retry that would change nothing */
export function refuseRetry({ records }: State, name: string): void {
  const known = [...records.tasks.values()].filter((task) => task.name === name);
  if (known.some(({ status: { is } }) => is === 'failed' || is === 'backing-off')) return;
  if (known.length === 0) {
    throw piplError('notFound', 'PIPL_TASK_UNKNOWN', {
      what: `There is no task ${name}.`,
      why: 'No index with a handler shows a task of that name.',
      hint: '`pipl runs` lists the tasks that ran.',
    });
  }
  throw piplError('conflict', 'PIPL_NOT_FAILED', {
    what: `${name} has nothing to try again.`,
    why: `It ${known.map(({ status }) => standing[status.is]).join(', and it ')}; only what failed or was cancelled is tried again.`,
    hint: `\`pipl why ${name}\` says how it stands; \`pipl rerun --where task=${name}\` does again what has a result.`,
  });
}
