/** `pipl proj index create OWNER/NAME` */
import { indexName } from '@pipl/packl';
import { createIndex } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { type IndexOptions, settingsOf, withIndexOptions } from './index-options.ts';
import { openToWrite } from './opening.ts';

interface Options extends IndexOptions {
  readonly mirror?: string;
}

export const command: DefineCommand = (into, context) =>
  withIndexOptions(into)
    .argument('<name>', 'owner/name')
    .option('--volatile', 'a version may be published again')
    .option('--mirror <url>', 'fetch from this npm registry instead of holding packls')
    .addHelpText('after', '\nWithout --base it inherits from the default index; a mirror inherits from none.')
    .action(async (text: string, { mirror, ...options }: Options) => {
      const name = indexName(text);
      const { project, client } = await openToWrite(context);
      const bases = mirror === undefined ? { bases: [project.defaultIndex] } : { mirror };
      const index = await createIndex(client, { name, ...bases, ...settingsOf(options) });
      context.terminal.say(index, () => [
        index.mirror === undefined
          ? `Created ${index.name}${index.bases.length === 0 ? '' : `, on top of ${index.bases.join(', ')}`}`
          : `Created ${index.name}, a mirror of ${index.mirror}`,
      ]);
    });
