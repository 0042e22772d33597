/** `pipl packl show [SPEC]`: the manifest of the packl here, or of a version in the index. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findPackl, showFolder, showSpec } from '@pipl/project';
import type { Context, DefineCommand } from './context.ts';
import { openToRead, pathFrom } from './opening.ts';

export const command: DefineCommand = (into, context) =>
  into
    .argument('[spec]', 'name, name@range, or a folder; else the packl you stand in')
    .action(async (spec?: string) => {
      const manifest = await manifestOf(context, spec);
      context.terminal.say(manifest, () => [JSON.stringify(manifest, null, 2)]);
    });

async function manifestOf(context: Context, spec: string | undefined) {
  if (spec === undefined) return showFolder(await findPackl(context.where));
  const folder = pathFrom(context, spec);
  if (existsSync(join(folder, 'package.json'))) return showFolder(folder);
  const { project, client } = await openToRead(context);
  return showSpec(client, { index: project.defaultIndex, spec });
}
