/** What `pipl pause` and `pipl resume` are told to stop or let go on: a task, an index, or the project. */
import { indexName, piplError } from '@pipl/packl';
import type { PausedView } from '@pipl/registry-client';
import type { Command } from 'commander';
import { closest } from './closest.ts';
import type { Open } from './context.ts';

export interface Naming {
  readonly index?: string;
  readonly all?: true;
}

type Verb = 'pause' | 'resume';

export const withNaming = (into: Command, verb: Verb): Command =>
  into
    .argument('[task]', `${verb} this task; else say --index or --all`)
    .option('-i, --index <name>', `only in this index; without a task ${verb} all that it runs`)
    .option('--all', `${verb} the whole project`);

/** Whatever would be guessed stops or starts too much: it is said. @throws PIPL_PAUSE_WHAT PIPL_INDEX_NAME */
export function paused(task: string | undefined, { index, all }: Naming, verb: Verb): PausedView {
  if (all === true && (task !== undefined || index !== undefined))
    throw unclear(verb, 'twice', task ?? index!);
  if (all !== true && task === undefined && index === undefined) throw unclear(verb, 'nothing', '@film/comp');
  return {
    ...(task === undefined ? {} : { task }),
    ...(index === undefined ? {} : { index: indexName(index) }),
  };
}

const unclear = (verb: Verb, said: 'twice' | 'nothing', task: string) =>
  piplError('usage', 'PIPL_PAUSE_WHAT', {
    what: `It is not clear what to ${verb}.`,
    why: said === 'nothing' ? 'Nothing was named.' : `--all is the whole project, and ${task} was named too.`,
    hint: `Name a task (pipl ${verb} TASK), all that an index runs (pipl ${verb} --index INDEX), or everything (pipl ${verb} --all).`,
  });

/** The server refuses such a name too; who mistypes it wants to hear the right one. @throws PIPL_TASK_UNKNOWN */
export async function refuseUnknown(client: Open['client'], { task }: PausedView): Promise<void> {
  if (task === undefined) return;
  const names = await tasksOf(client);
  if (names.includes(task)) return;
  const near = closest(task, names);
  throw piplError('notFound', 'PIPL_TASK_UNKNOWN', {
    what: `There is no task ${task}.`,
    why: near === undefined ? 'No index with a handler shows a task of that name.' : `Did you mean ${near}?`,
    hint: '`pipl packl list` lists what there is; `pipl pause --all` stops everything.',
  });
}

/** Those that the reactor knows. */
export async function tasksOf(client: Open['client']): Promise<string[]> {
  const tasks = (await client.tasks()) as readonly { readonly name: string }[];
  return [...new Set(tasks.map(({ name }) => name))].toSorted();
}
