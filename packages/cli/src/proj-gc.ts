/** `pipl proj gc`: what old runs left on the server's disk goes now; the server does so every hour by itself. */
import type { DefineCommand } from './context.ts';
import { openToWrite } from './opening.ts';
import { bytes } from './sizes.ts';
import { counted } from './plural.ts';

export const command: DefineCommand = (into, context) =>
  into
    .option('-n, --dry-run', 'say what would go')
    .argument('[path]', 'the project; else the one you stand in')
    .action(async (path: string | undefined, { dryRun = false }: { dryRun?: true | false }) => {
      const { client } = await openToWrite(context, path);
      const tidied = await client.tidyRuns({ dryRun });
      context.terminal.say({ dryRun, ...tidied }, ({ runs, scratch, bytes: freed, keptRuns, keptBytes }) => [
        runs + scratch === 0
          ? 'There is nothing to remove.'
          : `${dryRun ? 'Would remove' : 'Removed'} what ${counted(runs, 'run')} left and the scratch of ${scratch} more, ${bytes(freed)}.`,
        `Kept: ${counted(keptRuns, 'run')}, ${bytes(keptBytes)}. How long is said by "runs": {"keep": …} in .pipl.`,
      ]);
    });
