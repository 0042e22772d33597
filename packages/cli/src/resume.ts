/** `pipl resume [TASK]`: ends exactly this pause; everything starts that may, on the newest inputs. */
import type { DefineCommand } from './context.ts';
import { openToWrite } from './opening.ts';
import { pausedWords, pauseLine } from './pause-lines.ts';
import { type Naming, paused, withNaming } from './pausing.ts';

const examples = `
What was paused by a name of its own stays so: \`pipl pauses\` lists it.
Examples:
  pipl resume @film/comp
  pipl resume --index root/stage
  pipl resume --all`;

export const command: DefineCommand = (into, context) =>
  withNaming(into, 'resume')
    .addHelpText('after', examples)
    .action(async (task: string | undefined, naming: Naming) => {
      const what = paused(task, naming, 'resume');
      const { client } = await openToWrite(context);
      const done = await client.resume(what);
      context.terminal.say(done, ({ removed }) => removed.map((one) => `Resumed ${pausedWords(one)}`));
      for (const pause of done.pauses) context.terminal.note(`Still paused: ${pauseLine(pause)}`);
    });
