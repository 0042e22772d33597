/** `pipl packl change SIZE [NAME…] -m WHY`: writes an intended version down, as a changeset of the workspace. */
import {
  changeSizes,
  type ChangeSize,
  findWorkspace,
  packlPath,
  recordChange,
  showFolder,
} from '@pipl/project';
import { piplError } from '@pipl/packl';
import { Argument } from 'commander';
import type { Context, DefineCommand } from './context.ts';
import { typedText } from './secrets.ts';

export const command: DefineCommand = (into, context) =>
  into
    .addArgument(
      new Argument('<size>', 'how much it changes for who depends on it').choices([...changeSizes]),
    )
    .argument('[packls...]', 'names of packls of the workspace; else the packl you stand in')
    .option('-m, --message <why>', 'what changed; else you are asked')
    .action(async (size: ChangeSize, named: readonly string[], { message }: { message?: string }) => {
      const { path } = await findWorkspace(context.where);
      const names = named.length > 0 ? named : [await nameHere(context)];
      const summary =
        message ?? (await typedText({ ask: 'What changed?', option: '-m WHY', terminal: context.terminal }));
      const packls = Object.fromEntries(names.map((name) => [name, size]));
      const change = await recordChange(path, { packls, summary });
      context.terminal.say(change, () => [`Wrote down: ${names.join(', ')} ${size} (${change.file})`]);
      context.terminal.note('Next: pipl packl version');
    });

async function nameHere({ where }: Context): Promise<string> {
  const folder = await packlPath(where);
  if (folder !== undefined) return (await showFolder(folder)).name;
  throw piplError('notFound', 'PIPL_NO_PACKL', {
    what: 'It is not said which packl changed.',
    why: 'You stand in a workspace, not in one of its packls.',
    hint: 'Name it: pipl packl change minor NAME -m WHY',
  });
}
