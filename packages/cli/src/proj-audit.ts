/** `pipl proj audit`: who wrote what, and what was refused; newest first, root only. */
import { readAudit } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { wholeNumber } from './numbers.ts';
import { openToWrite } from './opening.ts';

export const command: DefineCommand = (into, context) =>
  into
    .option('--limit <n>', 'how many lines', wholeNumber, 50)
    .action(async ({ limit }: { limit: number }) => {
      const { client } = await openToWrite(context);
      const lines = await readAudit(client, { limit });
      context.terminal.say(lines, () =>
        lines.map(({ at, who, from, action, subject, outcome }) =>
          [at, who, from, action, subject || '-', outcome].join('\t'),
        ),
      );
    });
