/** `pipl asset preview NAME`: what shows an asset, as its type makes it. */
import { findPackl, findProject, previewAsset } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { pathFrom } from './opening.ts';

export const command: DefineCommand = (into, context) =>
  into
    .argument('<name>', 'an asset of the product')
    .option('--to <folder>', 'put it there; else into preview/ here', 'preview')
    .action(async (name: string, { to }: { to: string }) => {
      const folder = await findPackl(context.where);
      const project = await findProject(context.where);
      const files = await previewAsset({ project, folder }, { name, to: pathFrom(context, to) });
      context.terminal.say({ asset: name, files }, () => files);
    });
