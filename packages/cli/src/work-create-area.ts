/** `pipl work create-area PATH [PROJECT|URL]` */
import { createRemoteWorkarea, createWorkarea, isUrl } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { pathFrom, projectAt } from './opening.ts';

export const command: DefineCommand = (into, context) =>
  into
    .argument('<path>', 'the folder; it may stand outside the project')
    .argument('[project]', "the project, or its server's address; else the one you stand in")
    .action(async (path: string, project?: string) => {
      const folder = pathFrom(context, path);
      const away = project !== undefined && isUrl(project);
      const area = away
        ? await createRemoteWorkarea(project, folder)
        : await createWorkarea(await projectAt(context, project), folder);
      const { path: made, projectPath, projectUrl } = area;
      const said = { path: made, ...(projectUrl === undefined ? { projectPath } : { projectUrl }) };
      context.terminal.say(said, () => [`Created the workarea ${made}`]);
    });
