/** `pipl why TASK|RUN|PACKL`: why it ran, or why it did not. */
import { indexName } from '@pipl/packl';
import { why } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { openToRead } from './opening.ts';

export const command: DefineCommand = (into, context) =>
  into
    .argument('<subject>', 'a task, a run or a packl')
    .option('-i, --index <name>', 'in this index; else the default one')
    .action(async (subject: string, options: { index?: string }) => {
      const asked = options.index === undefined ? undefined : indexName(options.index);
      const { project, client } = await openToRead(context);
      const reason = await why(client, { subject, index: asked ?? project.defaultIndex });
      context.terminal.say(reason, ({ lines }) => lines);
    });
