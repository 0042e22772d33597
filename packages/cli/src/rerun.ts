/** `pipl rerun`: does again what has a result; what comes out equal is no new version. */
import { rerun } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { openToWrite } from './opening.ts';

interface Options {
  readonly since?: string;
  readonly where?: string;
  readonly dryRun?: true;
  readonly force?: true;
}

export const command: DefineCommand = (into, context) =>
  into
    .option('--since <time|seq>', 'runs since a change, a time, or so long ago (2h, 3d)')
    .option(
      '--where <condition>',
      "fields task, type, index, state: 'type=@film/pipeline/* and state!=failed'",
    )
    .option('-n, --dry-run', 'only say which')
    .option('--force', 'also when they are many')
    .action(async ({ since, where, dryRun, force }: Options) => {
      const { client } = await openToWrite(context);
      const done = await rerun(client, { since, where, dryRun, force });
      if (done.runs.length === 0) context.terminal.note('No run is meant.');
      context.terminal.say(done, ({ runs, started }) =>
        runs.map(({ task, taskVersion, index, attempt, is, why }) => {
          const said = is === 'left' ? `stays: ${why}` : `${started ? 'runs' : 'would run'} again`;
          return `${task}@${taskVersion}  ${index}  ${said}  (${attempt})`;
        }),
      );
      if (done.started)
        context.terminal.note('`pipl runs -f` follows them; the same content is no new version.');
    });
