/** `pipl asset add NAME PATH…` */
import { addAsset, addProductAssets, findPackl, findProject } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { pathFrom } from './opening.ts';
import { bytes } from './sizes.ts';

export const command: DefineCommand = (into, context) =>
  into
    .argument('[name]', 'the asset of the product, for example beauty; none: all that the packl says in code')
    .argument('[paths...]', 'a file, a folder, or the files of a sequence')
    .option('--type <type>', 'asset type; else the one it had')
    .option('--sequence', 'one numbered file is a sequence too')
    .action(
      async (
        name: string | undefined,
        paths: readonly string[],
        { type, sequence }: { type?: string; sequence?: true },
      ) => {
        const folder = await findPackl(context.where);
        const project = await findProject(context.where);
        const lines = ({ packl, name: asset, asset: { kind, size, digest } }: Added) =>
          `${packl} has ${asset}: ${kind}, ${bytes(size)}, ${digest.slice(0, 19)}`;
        if (name === undefined) {
          const all = await addProductAssets({ project, folder });
          return context.terminal.say(all, () => all.map(lines));
        }
        const absolute = paths.map((path) => pathFrom(context, path));
        const added = await addAsset({ project, folder, name, paths: absolute, type, sequence });
        return context.terminal.say(added, () => [lines(added)]);
      },
    );

type Added = Awaited<ReturnType<typeof addAsset>>;
