/** `pipl pauses`: what is paused, by whom, since when, and why. */
import type { DefineCommand } from './context.ts';
import { openToRead } from './opening.ts';
import { pauseLine } from './pause-lines.ts';
import { counted } from './plural.ts';

export const command: DefineCommand = (into, context) =>
  into.action(async () => {
    const { client } = await openToRead(context);
    const seen = await client.pauses();
    if (seen.pauses.length === 0) context.terminal.note('Nothing is paused.');
    context.terminal.say(seen, ({ pauses }) => pauses.map(pauseLine));
    if (seen.pauses.length > 0)
      context.terminal.note(`${counted(seen.running, 'run')} under way in the project; what runs goes on.`);
  });
