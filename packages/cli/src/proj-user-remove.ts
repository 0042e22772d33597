/** `pipl proj user remove LOGIN` */
import { removeUser } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { openToWrite } from './opening.ts';

export const command: DefineCommand = (into, context) =>
  into.argument('<login>', 'whose').action(async (name: string) => {
    const { client } = await openToWrite(context);
    await removeUser(client, name);
    context.terminal.say({ name }, () => [`Removed ${name}; what they published and their indexes stay`]);
  });
