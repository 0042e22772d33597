/** `pipl work status [PATH]`: the packls of a workspace, and what of them nobody published. */
import { findProject, findWorkspace, type WorkspaceState, workspaceState } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { pathFrom } from './opening.ts';
import { oneTask } from './one-task.ts';
import { counted } from './plural.ts';

const words: Record<WorkspaceState['packls'][number]['state'], string> = {
  new: 'never published',
  edited: 'edited since',
  published: 'published',
};

export const command: DefineCommand = (into, context) =>
  into.argument('[path]', 'the workspace; else the one you stand in').action(async (path?: string) => {
    const where = path === undefined ? context.where : { from: pathFrom(context, path), env: {} };
    const workspace = await findWorkspace(where);
    const state = await workspaceState(await findProject(where), workspace);
    if (state.tasks.length > 0) context.terminal.warn(oneTask(state.tasks));
    context.terminal.say(state, lines);
  });

const lines = ({ name, path, packls, changes }: WorkspaceState): string[] => [
  `${name}  ${path}`,
  ...packls.map((packl) =>
    [
      `  ${packl.name}@${packl.version}`,
      packl.kind,
      words[packl.state],
      ...(packl.base === undefined || packl.base === packl.version ? [] : [`from ${packl.base}`]),
      ...(packl.byHand ? ['edited by hand'] : []),
    ].join('\t'),
  ),
  ...(changes === 0 ? [] : [`  ${counted(changes, 'change')} written down: pipl packl version`]),
];
