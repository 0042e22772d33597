/** `pipl proj index set OWNER/NAME`: bases, rights, what a mirror may be asked. */
import { indexName } from '@pipl/packl';
import { changeIndex } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { type IndexOptions, settingsOf, withIndexOptions } from './index-options.ts';
import { openToWrite } from './opening.ts';

export const command: DefineCommand = (into, context) =>
  withIndexOptions(into)
    .argument('<name>', 'owner/name')
    .option('--stable', 'from now on a version is published once')
    .action(async (text: string, { stable, ...options }: IndexOptions & { stable?: true }) => {
      const name = indexName(text);
      const { client } = await openToWrite(context);
      const settings = { ...settingsOf(options), ...(stable === true ? { volatile: false } : {}) };
      const index = await changeIndex(client, { name, ...settings });
      context.terminal.say(index, () => [`Changed ${index.name}`]);
    });
