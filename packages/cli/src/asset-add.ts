/** `pipl asset add NAME PATH…` */
import { addAsset, findPackl, findProject } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { pathFrom } from './opening.ts';
import { bytes } from './sizes.ts';

export const command: DefineCommand = (into, context) =>
  into
    .argument('<name>', 'the asset of the product, for example beauty')
    .argument('<paths...>', 'a file, a folder, or the files of a sequence')
    .option('--type <type>', 'asset type; else the one it had')
    .option('--sequence', 'one numbered file is a sequence too')
    .action(
      async (
        name: string,
        paths: readonly string[],
        { type, sequence }: { type?: string; sequence?: true },
      ) => {
        const folder = await findPackl(context.where);
        const project = await findProject(context.where);
        const absolute = paths.map((path) => pathFrom(context, path));
        const added = await addAsset({ project, folder, name, paths: absolute, type, sequence });
        context.terminal.say(added, ({ packl, asset: { kind, size, digest } }) => [
          `${packl} has ${name}: ${kind}, ${bytes(size)}, ${digest.slice(0, 19)}`,
        ]);
      },
    );
