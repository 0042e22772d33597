/** `pipl proj webhook remove ID` */
import type { DefineCommand } from './context.ts';
import { openToWrite } from './opening.ts';

export const command: DefineCommand = (into, context) =>
  into.argument('<id>', 'of the webhook, as list tells it').action(async (id: string) => {
    const { client } = await openToWrite(context);
    await client.removeWebhook(id);
    context.terminal.say({ id }, () => [`Removed the webhook ${id}`]);
  });
