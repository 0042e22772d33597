/** `pipl why TASK|RUN|PACKL|CHANGE [PACKL|CHANGE]`: why it ran, or why it did not. */
import { indexName } from '@pipl/packl';
import { why } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { openToRead } from './opening.ts';

interface Options {
  readonly index?: string;
  readonly at?: string;
}

export const command: DefineCommand = (into, context) =>
  into
    .argument(
      '<subject>',
      'a task, a run (the beginning of its name will do), a packl, name@version or a change',
    )
    .argument(
      '[about]',
      'of a task: why it stays with its version of this packl, or what this change did to it',
    )
    .option('-i, --index <name>', 'in this index; else the default one')
    .option('--at <moment>', 'as it was: the number of a change, or a time')
    .action(async (subject: string, about: string | undefined, { index, at }: Options) => {
      const asked = index === undefined ? undefined : indexName(index);
      const { project, client } = await openToRead(context);
      const reason = await why(client, {
        subject,
        index: asked ?? project.defaultIndex,
        ...(about === undefined ? {} : { about }),
        ...(at === undefined ? {} : { at }),
      });
      context.terminal.say(reason, ({ lines }) => lines);
    });
