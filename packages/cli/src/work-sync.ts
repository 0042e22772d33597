/** `pipl work sync`: makes the workspace what its packls ask for. */
import { findProject, findWorkspace, syncWorkspace } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { checkedOutLines } from './work-update.ts';

export const command: DefineCommand = (into, context) =>
  into
    .option('--ci', 'as a run has it: nothing of the groups called edit')
    .action(async ({ ci }: { ci?: true }) => {
      const workspace = await findWorkspace(context.where);
      const project = await findProject(context.where);
      const synced = await syncWorkspace({ project, workspace, ci });
      context.terminal.say(synced, ({ checkedOut }) => [
        `${workspace.name} has what its packls ask for.`,
        ...checkedOutLines(checkedOut),
      ]);
    });
