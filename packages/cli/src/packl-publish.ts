/** `pipl packl publish [FOLDER…]`: one or several packls as one release; --dry-run prints the same plan. */
import { indexName } from '@pipl/packl';
import {
  findPackl,
  packlPath,
  planPublish,
  type Preview,
  publish,
  type PublishPlan,
  showFolder,
  workspacePath,
} from '@pipl/project';
import type { Context, DefineCommand } from './context.ts';
import { openToWrite, pathFrom } from './opening.ts';
import { planLines } from './plan-lines.ts';
import { bytes } from './sizes.ts';

interface Options {
  readonly to?: string;
  readonly dryRun?: true;
  readonly staleOk?: true;
}

export const command: DefineCommand = (into, context) =>
  into
    .argument('[folders...]', 'packls, or a workspace; else what you stand in')
    .option('--to <index>', 'the index that receives them; else the default one')
    .option('-n, --dry-run', 'check all of it, and only say what would be published and what would follow')
    .option('--stale-ok', 'although somebody published a newer version than these sources started from')
    .action(async (named: readonly string[], options: Options) => {
      const { terminal } = context;
      const to = options.to === undefined ? undefined : indexName(options.to);
      const { staleOk } = options;
      const folders =
        named.length === 0 ? [await here(context)] : named.map((path) => pathFrom(context, path));
      if (options.dryRun === true) {
        const { project, client } = await openToWrite(context);
        const plan = await planPublish(client, { project, folders, to, staleOk });
        terminal.say(plan, planned);
        return;
      }
      const { project, client } = await openToWrite(context);
      const done = await publish(client, { project, folders, to, staleOk });
      terminal.say(done, ({ index, published, unchanged }) => [
        ...published.map(
          ({ name, version, seq }) => `Published ${name}@${version} to ${index} (change ${seq})`,
        ),
        ...unchanged.map(({ name, version }) => `${name} is unchanged: ${version} has the same content`),
      ]);
      terminal.note(await nextAfter(done));
    });

/** The packl; in the workspace itself, the workspace. */
const here = async ({ where }: Context): Promise<string> =>
  (await packlPath(where)) ?? (await workspacePath(where)) ?? findPackl(where);

const planned = ({ index, packls, ...preview }: PublishPlan & Preview): string[] => [
  ...packls.flatMap(({ name, version, files, size, thirdParty }) => [
    `${name}@${version} would go to ${index}: ${files.length} files, ${bytes(size)}, ${thirdParty} third-party packages locked`,
    ...files.map((file) => `  ${file}`),
  ]),
  'Then:',
  ...planLines(preview),
];

/** A task that was published on its own may wait for something: that is what its author asks next. */
async function nextAfter({ packls, published }: Awaited<ReturnType<typeof publish>>): Promise<string> {
  const manifests = await Promise.all(packls.map(({ folder }) => showFolder(folder)));
  const [first] = manifests;
  return first !== undefined && published.length > 0 && manifests.every(({ pipl }) => pipl?.kind === 'task')
    ? `What it causes: pipl runs -f; what it waits for: pipl why ${first.name}`
    : 'What it causes: pipl runs -f';
}
