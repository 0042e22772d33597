/** `pipl packl check [FOLDER…]`: everything that keeps packls from being published; ends with 7 where something does. */
import { exitStatuses, indexName } from '@pipl/packl';
import { checkPackls, findPackl, verifyHistory } from '@pipl/project';
import type { Context, DefineCommand } from './context.ts';
import { warnOfTasks } from './one-task.ts';
import { openToRead, pathFrom } from './opening.ts';
import { counted } from './plural.ts';

export const command: DefineCommand = (into, context) =>
  into
    .argument('[folders...]', 'packls, or a workspace; else the packl you stand in')
    .option('--to <index>', 'for this index; else for the default one')
    .action(async (named: readonly string[], options: { to?: string }) => {
      const { terminal, where } = context;
      const to = options.to === undefined ? undefined : indexName(options.to);
      const folders =
        named.length === 0 ? [await findPackl(where)] : named.map((path) => pathFrom(context, path));
      const { project, client } = await openToRead(context);
      const checked = await checkPackls(client, { project, folders, to });
      await warn(
        context,
        checked.map(({ folder }) => folder),
      );
      terminal.say(checked, () =>
        checked.flatMap(({ name, version, problems }) => [
          `${name}@${version}  ${problems.length === 0 ? 'can be published' : counted(problems.length, 'problem')}`,
          ...problems.flatMap(({ message, why, hint }) => [
            `  ${message} ${why ?? ''}`,
            `    fix: ${hint ?? ''}`,
          ]),
        ]),
      );
      if (checked.some(({ problems }) => problems.length > 0)) process.exitCode = exitStatuses.invalid;
    });

/** What keeps nothing back and is worth knowing. */
async function warn(context: Context, folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    const { unrecorded } = await verifyHistory(folder);
    if (unrecorded.length > 0)
      context.terminal.warn(`${folder}/package.json was edited by hand: pipl packl log --record -m WHY`);
  }
  await warnOfTasks(context);
}
