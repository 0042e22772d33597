/** `pipl verify SPEC` */
import { indexName } from '@pipl/packl';
import { verify } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { pathFrom, projectAt } from './opening.ts';

interface Options {
  readonly index?: string;
  readonly file?: string;
  readonly offline?: true;
  readonly trust?: true;
}

export const command: DefineCommand = (into, context) =>
  into
    .argument('<spec>', 'name, name@range or name@tag; without a server name@version')
    .option('-i, --index <name>', 'owner/name; else the default index')
    .option('--file <tarball>', 'look at this file instead of what the server has')
    .option('--offline', 'ask no server: by what was seen before')
    .option('--trust', 'trust a key that no known key vouches for')
    .action(async (spec: string, { index, file, offline, trust }: Options) => {
      const project = await projectAt(context);
      const verified = await verify(project, {
        spec,
        index: index === undefined ? undefined : indexName(index),
        file: file === undefined ? undefined : pathFrom(context, file),
        offline,
        trust,
      });
      if (verified.firstKeys)
        context.terminal.note(`First time here: the keys of ${project.name} are trusted now.`);
      context.terminal.say(verified, ({ name, version, keyid }) => [
        `${name}@${version} is what was signed with ${keyid}`,
      ]);
    });
