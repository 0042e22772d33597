/** `pipl run cancel RUN…`: its processes end, and the task waits for somebody who retries, or for other inputs. */
import { findRun } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { openToWrite } from './opening.ts';
import { hasEnded, type Run } from './run-lines.ts';

export const command: DefineCommand = (into, context) =>
  into
    .argument('<runs...>', 'an attempt, the start of one, or a task')
    .action(async (subjects: readonly string[]) => {
      const { client } = await openToWrite(context);
      const found: Run[] = [];
      for (const subject of subjects) found.push(await findRun(client, subject));
      const runs: (Pick<Run, 'attempt' | 'task' | 'state'> & { canceled: boolean })[] = [];
      for (const run of found) {
        if (!hasEnded(run)) await client.cancelRun(run.attempt);
        const { attempt, task, state } = await client.run(run.attempt);
        runs.push({ attempt, task, state, canceled: !hasEnded(run) });
      }
      context.terminal.say(runs, () =>
        runs.map(({ attempt, task, state, canceled }) =>
          canceled ? `Cancelled ${task}, run ${attempt}.` : `${task}, run ${attempt}, had ended: ${state}.`,
        ),
      );
    });
