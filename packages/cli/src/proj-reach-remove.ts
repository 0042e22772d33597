/** `pipl proj reach remove HOST` */
import type { DefineCommand } from './context.ts';
import { openToWrite } from './opening.ts';

export const command: DefineCommand = (into, context) =>
  into.argument('<host>', 'as it was added').action(async (host: string) => {
    const { client } = await openToWrite(context);
    await client.forbidHost(host);
    context.terminal.say({ host }, () => [`The server no longer calls ${host} while it is inner`]);
  });
