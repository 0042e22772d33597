/** `pipl task create PACKL TYPE`: in the workspace shell also `create_task PACKL TYPE`, as the original had it. */
import { createTask, findProject, reader, workspacePath } from '@pipl/project';
import { InvalidArgumentError } from 'commander';
import type { DefineCommand } from './context.ts';
import { warnOfTasks } from './one-task.ts';
import { completed } from './task-completion.ts';

type Parameters = Record<string, string | number | boolean>;

export const command: DefineCommand = (into, context) =>
  into
    .argument('<packl>', 'a packl of the workspace, or the name of a new one')
    .argument('<type>', 'for example @film/pipeline#Comp')
    .option('--param <key=value>', 'a parameter of the task; again for more', parameter, {})
    .option('--force', 'say nothing of other tasks in the workspace')
    .action(async (name: string, type: string, { param, force }: { param: Parameters; force?: true }) => {
      const { where, terminal } = context;
      const folder = (await workspacePath(where)) ?? where.from;
      const project = await findProject(where);
      const made = await createTask(await reader(project), {
        project,
        folder,
        name,
        type,
        parameters: param,
      });
      await completed(context, { project, folder: made.folder });
      if (force !== true) await warnOfTasks(context, folder);
      terminal.say(made, () => [`${made.name} ${made.version} is a task of ${made.type} at ${made.folder}`]);
      terminal.note(`Next: cd ${made.folder} && pipl packl add NAME --as SLOT`);
    });

/** `frames=1-20` a text, `width=320` a number, `draft=true` yes or no. */
function parameter(text: string, before: Parameters): Parameters {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('It is written key=value.');
  const value = text.slice(at + 1);
  const plain = /^(?:true|false|-?\d+(?:\.\d+)?)$/.test(value)
    ? (JSON.parse(value) as number | boolean)
    : value;
  return { ...before, [text.slice(0, at)]: plain };
}
