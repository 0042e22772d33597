/** `pipl promote SPEC… --to INDEX`: the same bytes in another index. */
import { indexName } from '@pipl/packl';
import { promote } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { openToWrite } from './opening.ts';

interface Options {
  readonly to?: string;
  readonly from?: string;
  readonly dryRun?: boolean;
}

export const command: DefineCommand = (into, context) =>
  into
    .argument('<specs...>', 'name@version; several are promoted together or not at all')
    .option('--to <index>', 'the index that receives them; else the default one')
    .option('--from <index>', 'where they stand; else wherever you may read them')
    .option('-n, --dry-run', 'only say what would be promoted, and whether the gate lets it')
    .action(async (specs: readonly string[], options: Options) => {
      const from = options.from === undefined ? undefined : indexName(options.from);
      const asked = options.to === undefined ? undefined : indexName(options.to);
      const { dryRun = false } = options;
      const { project, client } = await openToWrite(context);
      const to = asked ?? project.defaultIndex;
      const done = await promote(client, { specs, to, from, dryRun });
      context.terminal.say({ index: to, ...done }, ({ promoted, already }) => [
        ...promoted.map(({ name, version, seq, from: source }) =>
          dryRun
            ? `Would promote ${name}@${version} from ${source} to ${to}`
            : `Promoted ${name}@${version} from ${source} to ${to} (change ${seq})`,
        ),
        ...already.map(({ name, version }) => `${name}@${version} is in ${to} already`),
      ]);
    });
