/** `pipl proj group set NAME [USER…]`: its members, or some more or fewer. */
import { setGroup } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { openToWrite } from './opening.ts';

interface Options {
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
}

export const command: DefineCommand = (into, context) =>
  into
    .argument('<name>', 'made when it is not there')
    .argument('[users...]', 'all its members from now on; none: those it has')
    .option('--add <user...>', 'these too')
    .option('--remove <user...>', 'these no longer')
    .action(async (name: string, users: readonly string[], { add = [], remove = [] }: Options) => {
      const { client } = await openToWrite(context);
      const members = users.length === 0 ? {} : { members: users };
      const group = await setGroup(client, { name, ...members, add, remove });
      context.terminal.say(group, () => [`${group.name}: ${group.members.join(', ') || 'nobody'}`]);
    });
