/** `pipl proj index create OWNER/NAME` */
import { indexName } from '@pipl/packl';
import { createIndex } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { openToWrite } from './opening.ts';

interface Options {
  readonly base: readonly string[];
  readonly volatile?: true;
}

export const command: DefineCommand = (into, context) =>
  into
    .argument('<name>', 'owner/name')
    .option('--base <index...>', 'inherit what these hold, nearest first; else the default index', [])
    .option('--volatile', 'a version may be published again')
    .action(async (text: string, { base, volatile }: Options) => {
      const name = indexName(text);
      const { project, client } = await openToWrite(context);
      const bases = base.length === 0 ? [project.defaultIndex] : base.map(indexName);
      const index = await createIndex(client, { name, bases, volatile: volatile === true });
      context.terminal.say(index, () => [`Created ${index.name}, on top of ${index.bases.join(', ')}`]);
    });
