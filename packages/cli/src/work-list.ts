/** `pipl work list`: the workspaces of the project, in its default workarea and in those that you made elsewhere. */
import { findProject, listWorkspaces } from '@pipl/project';
import type { DefineCommand } from './context.ts';

export const command: DefineCommand = (into, context) =>
  into.action(async () => {
    const project = await findProject(context.where);
    const workspaces = await listWorkspaces(project);
    context.terminal.note(`Found ${workspaces.length} workspace(s) of ${project.name}:`);
    context.terminal.say(workspaces, () =>
      workspaces.map(({ name, path, packls }) => [name, `${packls} packl(s)`, path].join('\t')),
    );
  });
