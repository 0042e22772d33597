/** `pipl proj index create-sub NAME`: volatile, on top of the default index; the original's `ROOT_PASSWORD NAME [PATH]` too. */
import { indexName } from '@pipl/packl';
import { createIndex } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { openAsRoot, openToWrite } from './opening.ts';

/** A name without an owner is root's, as the original had it. */
const owned = (name: string) => indexName(name.includes('/') ? name : `root/${name}`);

export const command: DefineCommand = (into, context) =>
  into
    .usage('[options] <name>')
    .argument('<name>', 'owner/name; without an owner it is root’s')
    .argument('[rest...]', 'nothing; the original had ROOT_PASSWORD NAME [PATH]')
    .option('--stable', 'a version is published once; else it may be published again')
    .action(async (first: string, [second, path]: readonly string[], { stable }: { stable?: true }) => {
      const name = owned(second ?? first);
      const { project, client } =
        second === undefined ? await openToWrite(context) : await openAsRoot(context, first, path);
      const settings = { name, bases: [project.defaultIndex], volatile: stable !== true };
      const index = await createIndex(client, settings);
      context.terminal.say(index, () => [`Created ${index.name}, on top of ${index.bases.join(', ')}`]);
    });
