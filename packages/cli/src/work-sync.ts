/** `pipl work sync`: makes the workspace what its packls ask for. */
import { findProject, findWorkspace, syncWorkspace } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { checkedOutLines } from './work-update.ts';

export const command: DefineCommand = (into, context) =>
  into.action(async () => {
    const workspace = await findWorkspace(context.where);
    const project = await findProject(context.where);
    const synced = await syncWorkspace({ project, workspace });
    context.terminal.say(synced, ({ checkedOut }) => [
      `${workspace.name} has what its packls ask for.`,
      ...checkedOutLines(checkedOut),
    ]);
  });
