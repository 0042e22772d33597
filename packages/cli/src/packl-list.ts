/** `pipl packl list`: the packls of an index. */
import { indexName } from '@pipl/packl';
import { listPackls } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { openToRead } from './opening.ts';
import { counted } from './plural.ts';

interface Options {
  readonly index?: string;
  readonly inherited?: true;
  readonly versions?: true;
}

export const command: DefineCommand = (into, context) =>
  into
    .option('-i, --index <name>', 'owner/name; else the default index')
    .option('--inherited', 'also what its bases hold')
    .option('--versions', 'all versions of each; else the latest')
    .action(async (options: Options) => {
      const asked = options.index === undefined ? undefined : indexName(options.index);
      const { project, client } = await openToRead(context);
      const index = asked ?? project.defaultIndex;
      const packls = await listPackls(client, { index, inherited: options.inherited === true });
      context.terminal.note(`Found ${counted(packls.length, 'packl')} in ${index}:`);
      context.terminal.say(packls, () =>
        packls.map(({ name, latest, kind, versions }) =>
          [name, options.versions === true ? versions.join(' ') : (latest ?? ''), kind ?? 'npm'].join('\t'),
        ),
      );
    });
