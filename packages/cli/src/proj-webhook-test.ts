/** `pipl proj webhook test ID` */
import type { DefineCommand } from './context.ts';
import { deliveryLine, refuseFailure } from './delivered.ts';
import { openToWrite } from './opening.ts';

export const command: DefineCommand = (into, context) =>
  into.argument('<id>', 'of the webhook, as list tells it').action(async (id: string) => {
    const { client } = await openToWrite(context);
    const delivery = await client.testWebhook(id);
    refuseFailure([delivery], id);
    context.terminal.say(delivery, () => [deliveryLine(delivery)]);
  });
