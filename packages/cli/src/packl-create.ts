/** `pipl packl create NAME` */
import { createPackl, findProject, packlKinds, type PacklKind, reader, workspacePath } from '@pipl/project';
import { Option } from 'commander';
import type { DefineCommand } from './context.ts';
import { warnOfTasks } from './one-task.ts';
import { pathFrom } from './opening.ts';
import { completed } from './task-completion.ts';

interface Options {
  readonly kind?: PacklKind;
  readonly type?: string;
  readonly version?: string;
  readonly makes: readonly string[];
  readonly workspacePath?: string;
}

export const command: DefineCommand = (into, context) =>
  into
    .argument('<name>', 'for example @film/sh010-comp')
    .addOption(
      new Option('--kind <kind>', 'what it is; else code, or a task when --type is given').choices([
        ...packlKinds,
      ]),
    )
    .option('--type <type>', 'the type of a task or product, for example @film/pipeline#Comp')
    .option('--version <version>', 'its first version; else 0.0.1-wip.0')
    .option('--makes <slot=packl...>', 'the product a task publishes, for each of its slots', [])
    .option('-p, --workspace-path <path>', 'make it there; else in the workspace you stand in')
    .action(async (name: string, options: Options) => {
      const { where } = context;
      const { kind, type, version, workspacePath: named } = options;
      const folder =
        named === undefined ? ((await workspacePath(where)) ?? where.from) : pathFrom(context, named);
      const project = await findProject(named === undefined ? where : { from: folder, env: {} });
      const client =
        type === undefined ? await reader(project).catch(() => undefined) : await reader(project);
      if (client === undefined)
        context.terminal.warn('The server is not running: whether the name is free was not checked.');
      const makes = Object.fromEntries(options.makes.map(slotAndPackl));
      const made = await createPackl({
        folder,
        name,
        kind,
        type,
        version,
        makes,
        index: project.defaultIndex,
        client,
      });
      if (made.kind === 'task') {
        await completed(context, { project, folder: made.folder });
        await warnOfTasks(context, folder);
      }
      context.terminal.say(made, () => [
        `Created ${made.name} ${made.version} (${made.kind}) at ${made.folder}`,
      ]);
      context.terminal.note(
        `Next: cd ${made.folder} && ${made.kind === 'product' ? 'pipl asset add NAME PATH' : 'pipl packl add NAME'}`,
      );
    });

const slotAndPackl = (text: string): [string, string] => {
  const [slot, packl] = text.split('=');
  return [slot!, packl ?? ''];
};
