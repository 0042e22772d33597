/** `pipl work exec -- COMMAND…`: a program in the workspace's environment, its exit status as ours. */
import { findWorkspace, workspaceEnvironment } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { runHere } from './run-here.ts';

export const command: DefineCommand = (into, context) =>
  into
    .usage('-- <command> [arguments...]')
    .argument('<command...>', 'after --')
    .action(async ([file, ...args]: readonly string[]) => {
      const { where } = context;
      const env = await workspaceEnvironment(await findWorkspace(where), { from: where.from });
      process.exitCode = await runHere([file!, ...args], { cwd: where.from, env });
    });
