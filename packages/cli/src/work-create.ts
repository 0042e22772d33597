/** `pipl work create NAME [AREA]` */
import { createWorkspace, findProject, findWorkarea } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { pathFrom } from './opening.ts';

export const command: DefineCommand = (into, context) =>
  into
    .argument('<name>', 'name of the workspace')
    .argument('[area]', 'its workarea; else the one you stand in, else the default one')
    .action(async (name: string, areaPath?: string) => {
      const where = areaPath === undefined ? context.where : { from: pathFrom(context, areaPath), env: {} };
      const area = await findWorkarea(where);
      const project = await findProject(where);
      const workspace = await createWorkspace(project, { area, name });
      context.terminal.say(workspace, ({ path }) => [`Created the workspace ${path}`]);
      context.terminal.note(`Next: cd ${workspace.path} && pipl packl create NAME`);
      context.terminal.note('      or, of what is published already: pipl packl edit NAME');
    });
