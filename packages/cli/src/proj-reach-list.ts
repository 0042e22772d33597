/** `pipl proj reach list` */
import type { DefineCommand } from './context.ts';
import { openToWrite } from './opening.ts';

export const command: DefineCommand = (into, context) =>
  into.action(async () => {
    const { client } = await openToWrite(context);
    const hosts = await client.reachable();
    context.terminal.say(hosts, () => hosts);
  });
