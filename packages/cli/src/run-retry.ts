/** `pipl run retry RUN…`: the same inputs are tried again, where the last attempt failed or was cancelled. */
import { findRun } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { openToWrite } from './opening.ts';
import type { Run } from './run-lines.ts';

export const command: DefineCommand = (into, context) =>
  into
    .argument('<runs...>', 'an attempt, the start of one, or a task')
    .action(async (subjects: readonly string[]) => {
      const { client } = await openToWrite(context);
      const tasks = new Set<string>();
      for (const subject of subjects) tasks.add((await findRun(client, subject)).task);
      const runs: { task: string; attempt?: string; state?: Run['state'] }[] = [];
      for (const task of tasks) {
        await client.retryTask(task);
        const [next] = await client.runs({ task, limit: 1 });
        runs.push({ task, ...(next === undefined ? {} : { attempt: next.attempt, state: next.state }) });
      }
      context.terminal.say(runs, () =>
        runs.map(({ task, attempt, state }) => `Trying ${task} again: run ${attempt}, ${state}.`),
      );
      context.terminal.note('`pipl run attach TASK` follows one, `pipl runs -f` all of them.');
    });
