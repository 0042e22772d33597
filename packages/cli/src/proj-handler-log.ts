/** `pipl proj handler log [SPEC]`: what handlers did, newest first; of one version with the whole report. */
import { parseSpec } from '@pipl/packl';
import type { HandlingsAsk } from '@pipl/registry-client';
import type { DefineCommand } from './context.ts';
import { handlingLine, reportLines } from './handler-lines.ts';
import { wholeNumber } from './numbers.ts';
import { openToRead } from './opening.ts';

interface Options {
  readonly dead?: true;
  readonly limit: number;
}

export const command: DefineCommand = (into, context) =>
  into
    .argument('[spec]', 'only of this packl, or of this version: then with what each check found')
    .option('--dead', 'only what was given up')
    .option('--limit <n>', 'how many, newest first', wholeNumber, 20)
    .action(async (spec: string | undefined, { dead, limit }: Options) => {
      const asked = spec === undefined ? undefined : parseSpec(spec);
      const ask: HandlingsAsk = {
        limit,
        ...(dead === true ? { state: 'dead' } : {}),
        ...(asked === undefined ? {} : { name: asked.name }),
        ...(asked?.range === undefined ? {} : { version: asked.range }),
      };
      const { client } = await openToRead(context);
      const handlings = await client.handlings(ask);
      if (handlings.length === 0) context.terminal.note('No handler had anything to do.');
      context.terminal.say(handlings, () =>
        handlings.flatMap((one) => [
          handlingLine(one),
          ...(asked?.range === undefined ? [] : reportLines(one)),
        ]),
      );
    });
