/** `pipl packl get SPEC FOLDER`: the files of a version, for people without a workspace. */
import { indexName } from '@pipl/packl';
import { getFiles } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { openToRead, pathFrom } from './opening.ts';

export const command: DefineCommand = (into, context) =>
  into
    .argument('<spec>', 'name, name@range or name@tag')
    .argument('<folder>', 'where they go: a folder that is not there yet')
    .option('-i, --index <name>', 'from this index; else from the default one')
    .action(async (spec: string, folder: string, { index: text }: { index?: string }) => {
      const asked = text === undefined ? undefined : indexName(text);
      const { project, client } = await openToRead(context);
      const index = asked ?? project.defaultIndex;
      const got = await getFiles(client, {
        project,
        index,
        spec,
        folder: pathFrom(context, folder),
        from: pathFrom(context, '.'),
      });
      context.terminal.say(got, ({ name, version, path, assets }) => {
        const files = Object.values(assets);
        return [
          `Got ${name}@${version}`,
          ...(files.length === 0 ? [path] : files).map((file) => `  ${file}`),
        ];
      });
    });
