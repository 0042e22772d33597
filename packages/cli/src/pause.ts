/** `pipl pause [TASK]`: what is paused starts no run, and what reads its products waits; what runs goes on. */
import type { DefineCommand } from './context.ts';
import { openToWrite } from './opening.ts';
import { pausedWords, resumeLine } from './pause-lines.ts';
import { type Naming, paused, refuseUnknown, withNaming } from './pausing.ts';
import { counted } from './plural.ts';

const examples = `
Examples:
  pipl pause @film/comp -m 'wait for the new plates'
  pipl pause --index root/stage
  pipl pause --all -m 'the store is moved'     # pipl proj drain also waits until nothing runs`;

export const command: DefineCommand = (into, context) =>
  withNaming(into, 'pause')
    .option('-m, --message <text>', 'why')
    .addHelpText('after', examples)
    .action(async (task: string | undefined, { message, ...naming }: Naming & { message?: string }) => {
      const what = paused(task, naming, 'pause');
      const { client } = await openToWrite(context);
      await refuseUnknown(client, what);
      const done = await client.pause({
        ...what,
        ...(message === undefined ? {} : { reason: message }),
      });
      context.terminal.say(done, () => [`Paused ${pausedWords(what)}`]);
      if (done.running > 0)
        context.terminal.note(`${counted(done.running, 'run')} under way in the project; what runs goes on.`);
      context.terminal.note(`\`${resumeLine(what)}\` lets it go on; \`pipl pauses\` lists what is paused.`);
    });
