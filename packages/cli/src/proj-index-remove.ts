/** `pipl proj index remove OWNER/NAME` */
import { indexName } from '@pipl/packl';
import { removeIndex } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { openToWrite } from './opening.ts';
import { counted } from './plural.ts';

interface Options {
  readonly force?: boolean;
  readonly message?: string;
}

export const command: DefineCommand = (into, context) =>
  into
    .argument('<name>', 'owner/name')
    .option('--force', 'although it is stable and holds versions: they are gone for ever')
    .option('-m, --message <text>', 'why')
    .action(async (text: string, { force = false, message }: Options) => {
      const name = indexName(text);
      const { client } = await openToWrite(context);
      const how = { force, ...(message === undefined ? {} : { message }) };
      const done = await removeIndex(client, { name, ...how });
      context.terminal.say(done, ({ removed }) => [
        removed === 0
          ? `Removed ${name}`
          : `Removed ${name} with ${counted(removed, 'version')}; its name is not given out again`,
      ]);
    });
