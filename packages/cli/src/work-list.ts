/** `pipl work list`: the workspaces of the project, in its default workarea and in those that you made elsewhere. */
import { findProject, listWorkspaces } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { counted } from './plural.ts';

export const command: DefineCommand = (into, context) =>
  into.action(async () => {
    const project = await findProject(context.where);
    const workspaces = await listWorkspaces(project);
    context.terminal.note(`Found ${counted(workspaces.length, 'workspace')} of ${project.name}:`);
    context.terminal.say(workspaces, () =>
      workspaces.map(({ name, path, packls }) => [name, counted(packls, 'packl'), path].join('\t')),
    );
  });
