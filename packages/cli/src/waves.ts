/** `pipl waves`: what each change caused. */
import { listWaves } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { wholeNumber } from './numbers.ts';
import { openToRead } from './opening.ts';
import { counted } from './plural.ts';

export const command: DefineCommand = (into, context) =>
  into
    .option('--change <seq>', 'only the wave of this change', wholeNumber)
    .option('--limit <n>', 'how many, newest first', wholeNumber, 20)
    .action(async (options: { change?: number; limit: number }) => {
      const { client } = await openToRead(context);
      const seen = await listWaves(client, options);
      context.terminal.say(seen, ({ waves }) =>
        waves.map(({ id, cause, state, runs }) =>
          [
            `wave ${id}`,
            `${cause.name}@${cause.version}`,
            `change ${cause.seq}`,
            state,
            counted(runs.length, 'run'),
          ].join('\t'),
        ),
      );
    });
