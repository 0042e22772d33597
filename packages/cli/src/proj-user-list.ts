/** `pipl proj user list [PATH]` */
import { listUsers } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { openToRead } from './opening.ts';

export const command: DefineCommand = (into, context) =>
  into.argument('[path]', 'the project; else the one you stand in').action(async (path?: string) => {
    const { project, client } = await openToRead(context, path);
    const users = await listUsers(client);
    context.terminal.note(`Found ${users.length} user(s) in project ${project.path}:`);
    context.terminal.say(users, () =>
      users.map(({ name, email }) => (email === undefined ? name : `${name}\t${email}`)),
    );
  });
