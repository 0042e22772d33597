/** `pipl proj webhook redeliver ID` */
import type { DefineCommand } from './context.ts';
import { deliveryLine, refuseFailure } from './delivered.ts';
import { wholeNumber } from './numbers.ts';
import { openToWrite } from './opening.ts';

export const command: DefineCommand = (into, context) =>
  into
    .argument('<id>', 'of the webhook, as list tells it')
    .option('--change <seq>', 'this change, whether it was delivered before or not', wholeNumber)
    .action(async (id: string, { change }: { change?: number }) => {
      const { client } = await openToWrite(context);
      const deliveries = await client.redeliver(id, change === undefined ? {} : { seq: change });
      refuseFailure(deliveries, id);
      context.terminal.say(deliveries, () =>
        deliveries.length === 0 ? ['Nothing was given up'] : deliveries.map(deliveryLine),
      );
    });
