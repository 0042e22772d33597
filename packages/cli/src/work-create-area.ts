/** `pipl work create-area PATH [PROJECT]` */
import { createWorkarea } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { pathFrom, projectAt } from './opening.ts';

export const command: DefineCommand = (into, context) =>
  into
    .argument('<path>', 'the folder; it may stand outside the project')
    .argument('[project]', 'the project; else the one you stand in')
    .action(async (path: string, projectPath?: string) => {
      const area = await createWorkarea(await projectAt(context, projectPath), pathFrom(context, path));
      context.terminal.say(area, () => [`Created the workarea ${area.path}`]);
    });
