/** `pipl proj group remove NAME` */
import { removeGroup } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { openToWrite } from './opening.ts';

export const command: DefineCommand = (into, context) =>
  into.argument('<name>', 'of the group').action(async (name: string) => {
    const { client } = await openToWrite(context);
    await removeGroup(client, name);
    context.terminal.say({ name }, () => [`Removed the group ${name}`]);
  });
