/** `pipl commands`: what people can do with the tasks here. Loads no code of a packl. */
import { listCommands, type ListedCommand, packlPath, workspacePath } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { propertiesOf } from './do-arguments.ts';

export const command: DefineCommand = (into, context) =>
  into.action(async () => {
    const { where } = context;
    const workspace = await workspacePath(where);
    const commands = await listCommands({
      workspace,
      packl: workspace === undefined ? await packlPath(where) : undefined,
    });
    if (commands.length === 0)
      context.terminal.note(
        'No task here offers people a command: a task type does with `.command(name, …)`.',
      );
    context.terminal.say(commands, () => commands.flatMap(lines));
  });

const lines = ({ packl, name, label, arguments: schema }: ListedCommand): string[] => [
  `${name}  ${label}  (${packl})`,
  ...Object.entries(propertiesOf(schema)).map(
    ([option, { type, description, default: usual }]) =>
      `  --${option}${type === undefined || type === 'boolean' ? '' : ` <${type}>`}${description === undefined ? '' : `  ${description}`}${usual === undefined ? '' : `  (${JSON.stringify(usual)})`}`,
  ),
];
