/** `pipl packl bump major|minor|patch|prerelease|release [WHY]` */
import { type Bump, bumpPackl, bumps, findPackl } from '@pipl/project';
import { Argument } from 'commander';
import type { DefineCommand } from './context.ts';
import { pathFrom } from './opening.ts';

export const command: DefineCommand = (into, context) =>
  into
    .addArgument(new Argument('<bump>', 'which part; release ends a prerelease').choices([...bumps]))
    .argument('[why]', 'a line for the history of the packl')
    .option('-p, --package-path <path>', 'the packl; else the one you stand in')
    .option('-m, --message <why>', 'the same as WHY')
    .action(
      async (bump: Bump, why: string | undefined, options: { packagePath?: string; message?: string }) => {
        const folder =
          options.packagePath === undefined
            ? await findPackl(context.where)
            : pathFrom(context, options.packagePath);
        const done = await bumpPackl(folder, { bump, comment: why ?? options.message });
        context.terminal.say(done, ({ name, from, to }) => [`${name} ${from} → ${to}`]);
      },
    );
