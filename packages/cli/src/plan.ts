/** `pipl plan [SPEC|FOLDER…] [--task NAME]`: the wave that would follow. Nothing is written. */
import { indexName, piplError } from '@pipl/packl';
import { planAhead } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { openToWrite } from './opening.ts';
import { planLines } from './plan-lines.ts';

interface Options {
  readonly to?: string;
  readonly task: readonly string[];
  readonly unchanged: readonly string[];
  readonly fails: readonly string[];
}

const more = (value: string, before: readonly string[]): string[] => [...before, value];

export const command: DefineCommand = (into, context) =>
  into
    .argument('[things...]', 'folders that would be published, or name@version that would be promoted')
    .option('--to <index>', 'into this index; else the default one')
    .option('--task <name>', 'as if this task ran again and made something new', more, [])
    .option('--unchanged <task>', 'assume that this task makes what it made before', more, [])
    .option('--fails <task>', 'assume that this task fails', more, [])
    .action(async (things: readonly string[], { to, task, unchanged, fails }: Options) => {
      if (things.length + task.length === 0) throw nothing();
      const index = to === undefined ? undefined : indexName(to);
      const { project, client } = await openToWrite(context);
      const asked = { project, things, from: context.where.from, tasks: task, unchanged, fails, to: index };
      const preview = await planAhead(client, asked);
      context.terminal.say(preview, planLines);
    });

const nothing = () =>
  piplError('usage', 'PIPL_USAGE', {
    what: 'There is nothing to plan.',
    why: 'A plan is what follows from a folder, a version or a task.',
    hint: 'For example `pipl plan .`, `pipl plan @film/bunny@1.2.0`, `pipl plan --task @film/movie`',
  });
