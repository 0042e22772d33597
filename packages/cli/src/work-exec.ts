/** `pipl work exec -- COMMAND…`: a program in the workspace's environment, its exit status as ours. */
import { findWorkspace, inWorkspace } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { runHere } from './run-here.ts';

export const command: DefineCommand = (into, context) =>
  into
    .usage('-- <command> [arguments...]')
    .argument('<command...>', 'after --')
    .option('--ci', 'as a run has it: without what the groups called edit bring')
    .action(async ([file, ...args]: readonly string[], { ci }: { ci?: true }) => {
      const { where, terminal } = context;
      const asked = { from: where.from, ci, say: (line: string) => terminal.note(line) };
      process.exitCode = await inWorkspace(await findWorkspace(where), asked, (env) =>
        runHere([file!, ...args], { cwd: where.from, env }),
      );
    });
