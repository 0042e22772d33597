/** `pipl work update [NAME…]`: installs what is newer; with --latest ranges that leave it out are raised. */
import { findWorkspace, type Updated, updateWorkspace } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { openToRead } from './opening.ts';

export const command: DefineCommand = (into, context) =>
  into
    .argument('[names...]', 'these dependencies; else all')
    .option('--latest', 'also beyond what the ranges admit: they are raised')
    .action(async (names: readonly string[], { latest }: { latest?: true }) => {
      const workspace = await findWorkspace(context.where);
      const { project, client } = await openToRead(context);
      const updated = await updateWorkspace(client, { project, workspace, names, latest });
      context.terminal.say(updated, ({ raised, checkedOut }) => [
        ...raised.map(({ packl, name, from, to }) => `${packl} asks for ${name} ${from} → ${to}`),
        `${workspace.name} has the newest that its packls admit.`,
        ...checkedOutLines(checkedOut),
      ]);
    });

export const checkedOutLines = (checkedOut: Updated['checkedOut']): string[] =>
  checkedOut.map(({ packl, product, version }) => `  ${product}@${version} checked out beside ${packl}`);
