/** `pipl work offline`: brings everything here that the workspace needs without the server. */
import { findProject, findWorkspace, prepareOffline } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { bytes } from './sizes.ts';

export const command: DefineCommand = (into, context) =>
  into.action(async () => {
    const workspace = await findWorkspace(context.where);
    const project = await findProject(context.where);
    const here = await prepareOffline({ project, workspace });
    context.terminal.say({ here }, () => [
      ...here.map(
        ({ packl, product, version, size }) => `  ${product}@${version}, ${bytes(size)}, beside ${packl}`,
      ),
      `${workspace.name} has all it needs without the server.`,
    ]);
  });
