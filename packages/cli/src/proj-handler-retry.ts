/** `pipl proj handler retry ID`: what was given up, failed, or waits, once more. */
import type { DefineCommand } from './context.ts';
import { handlingLine } from './handler-lines.ts';
import { openToWrite } from './opening.ts';

export const command: DefineCommand = (into, context) =>
  into.argument('<id>', 'as `pipl proj handler log` shows it').action(async (id: string) => {
    const { client } = await openToWrite(context);
    const handling = await client.retryHandling(id);
    context.terminal.say(handling, () => [handlingLine(handling)]);
  });
