/** `pipl work remove NAME`: what nobody published is kept, unless --force, or its name is typed. */
import { findProject, findWorkarea, removeWorkspace, unpublishedWork, workspaceNamed } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { pathFrom } from './opening.ts';
import { someoneIsThere, typedText } from './secrets.ts';
import type { Terminal } from './terminal.ts';

export const command: DefineCommand = (into, context) =>
  into
    .argument('<workspace>', 'its name')
    .argument('[area]', 'its workarea; else the one you stand in, else the default one')
    .option('--force', 'although it holds work that nobody published')
    .action(async (name: string, areaPath: string | undefined, { force }: { force?: true }) => {
      const where = areaPath === undefined ? context.where : { from: pathFrom(context, areaPath), env: {} };
      const project = await findProject(where);
      const workspace = await workspaceNamed(await findWorkarea(where), name);
      const sure =
        force === true ||
        context.terminal.yes === true ||
        (await isTyped(context.terminal, name, await unpublishedWork(project, workspace)));
      const gone = await removeWorkspace(project, { workspace, force: sure });
      context.terminal.say(gone, ({ path }) => [`Removed ${path}`]);
    });

/** Somebody at a terminal may say so by typing the name. */
async function isTyped(terminal: Terminal, name: string, lost: readonly string[]): Promise<boolean> {
  if (lost.length === 0 || !someoneIsThere(terminal)) return false;
  const ask = `${lost.join(', ')} would be gone. Type ${name} to remove it:`;
  return (await typedText({ ask, option: '--force', terminal })) === name;
}
