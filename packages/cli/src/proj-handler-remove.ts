/** `pipl proj handler remove INDEX NAME` */
import { indexName } from '@pipl/packl';
import { removeHandler } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { openToWrite } from './opening.ts';

export const command: DefineCommand = (into, context) =>
  into
    .argument('<index>', 'where it stands')
    .argument('<name>', 'the handler, as `pipl proj handler list` names it')
    .action(async (index: string, name: string) => {
      const where = indexName(index);
      const { client } = await openToWrite(context);
      const removed = await removeHandler(client, where, name);
      context.terminal.say(removed, ({ revoked }) => [
        `Removed ${name} from ${index}`,
        ...revoked.map((target) => `${target} lets nothing of it in any more`),
      ]);
      if (removed.restart) context.terminal.note('It ends with the next start of the server.');
    });
