/** `pipl proj webhook add URL`: prints the secret, once. */
import { text } from 'node:stream/consumers';
import type { DefineCommand } from './context.ts';
import { openToWrite } from './opening.ts';

interface Options {
  readonly index?: readonly string[];
  readonly op?: readonly string[];
  readonly kind?: readonly string[];
  readonly secretStdin?: true;
}

export const command: DefineCommand = (into, context) =>
  into
    .argument('<url>', 'where to send changes: http or https')
    .option('--index <index...>', 'only changes of these indexes')
    .option('--op <op...>', 'only these kinds of change: publish, promote, tag, withdraw, …')
    .option('--kind <kind...>', 'only packls of these kinds: product, task, code, envset, npm')
    .option('--secret-stdin', 'read the secret (whsec_…) from stdin; else the server makes one')
    .action(async (url: string, { index, op, kind, secretStdin }: Options) => {
      const secret = secretStdin === true ? (await text(process.stdin)).trim() : undefined;
      const { client } = await openToWrite(context);
      const added = await client.addWebhook({
        url,
        ...(index === undefined ? {} : { indexes: index }),
        ...(op === undefined ? {} : { ops: op }),
        ...(kind === undefined ? {} : { kinds: kind }),
        ...(secret === undefined ? {} : { secret }),
      });
      context.terminal.say(added, ({ webhook }) => [
        `Added ${webhook.id} for ${webhook.url}`,
        `secret\t${added.secret}`,
      ]);
      context.terminal.note(
        `The secret is not shown again. Try it: pipl proj webhook test ${added.webhook.id}`,
      );
    });
