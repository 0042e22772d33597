/** `pipl proj index create-default`; the original's `create-default ROOT_PASSWORD [PATH]` too, with a warning. */
import { createDefaultIndex } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { openAsRoot, openToWrite } from './opening.ts';

export const command: DefineCommand = (into, context) =>
  into
    .usage('[options]')
    .argument('[words...]', 'nothing; the original had ROOT_PASSWORD [PATH]')
    .action(async ([password, path]: readonly string[]) => {
      const opened = password === undefined ? openToWrite(context) : openAsRoot(context, password, path);
      const { project, client } = await opened;
      const made = await createDefaultIndex(client, project.defaultIndex);
      context.terminal.say(made, ({ index, already }) => [
        already ? `${index.name} is there already` : `Created ${index.name}`,
      ]);
    });
