/** `pipl proj group list` */
import { listGroups } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { openToWrite } from './opening.ts';

export const command: DefineCommand = (into, context) =>
  into.action(async () => {
    const { client } = await openToWrite(context);
    context.terminal.say(await listGroups(client), (groups) =>
      groups.map(({ name, members }) => `${name}\t${members.join(', ')}`),
    );
  });
