/** `pipl proj reach add HOST` */
import type { DefineCommand } from './context.ts';
import { openToWrite } from './opening.ts';

export const command: DefineCommand = (into, context) =>
  into
    .argument('<host>', 'as it stands in a URL, with or without a port: hooks.studio.lan, 10.0.0.7:8080')
    .action(async (host: string) => {
      const { client } = await openToWrite(context);
      await client.allowHost(host);
      context.terminal.say({ host }, () => [`The server may call ${host}, whatever address it has`]);
    });
