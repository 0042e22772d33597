/** `pipl packl upload PASSWORD`: the original's way to publish, with a warning. Without a password as `publish`. */
import { indexName } from '@pipl/packl';
import { findPackl, publish } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { openToWrite, openWithPassword, pathFrom } from './opening.ts';

interface Options {
  readonly user: string;
  readonly indexName?: string;
  readonly packlPath?: string;
}

export const command: DefineCommand = (into, context) =>
  into
    .usage('[options]')
    .argument('[password]', "nothing; the original had the user's password")
    .option('-u, --user <user>', 'whose password it is', 'root')
    .option('-i, --index-name <index>', 'the index that receives it; else the default one')
    .option('-p, --packl-path <path>', 'the packl; else the one you stand in')
    .action(async (password: string | undefined, { user, indexName: text, packlPath }: Options) => {
      const to = text === undefined ? undefined : indexName(text);
      const folder = packlPath === undefined ? await findPackl(context.where) : pathFrom(context, packlPath);
      const { project, client } =
        password === undefined
          ? await openToWrite(context)
          : await openWithPassword(context, { user, password });
      const done = await publish(client, { project, folders: [folder], to });
      context.terminal.say(done, ({ index, published }) =>
        published.map(({ name, version, seq }) => `Published ${name}@${version} to ${index} (change ${seq})`),
      );
    });
