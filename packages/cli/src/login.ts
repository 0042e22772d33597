/** `pipl login [USER]` in a project; `pipl login URL [USER]` from anywhere. */
import { userInfo } from 'node:os';
import { isUnprotected, isUrl, login, loginTo } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { projectAt } from './opening.ts';
import { readPassword } from './secrets.ts';

export const command: DefineCommand = (into, context) =>
  into
    .usage('[options] [url] [user]')
    .argument('[words...]', "the server's address, when it is on another machine; who, when not root")
    .option('--password-stdin', 'read the password from stdin')
    .action(async ([first, second]: readonly string[], { passwordStdin }: { passwordStdin?: true }) => {
      const { terminal } = context;
      if (first !== undefined && isUrl(first)) {
        const user = second ?? userInfo().username;
        if (isUnprotected(first)) terminal.warn('The password crosses the network unprotected: use https.');
        const password = await readPassword({
          fromStdin: passwordStdin,
          of: user,
          terminal: context.terminal,
        });
        const { url, project } = await loginTo(first, { user, password });
        return terminal.say({ user, url }, () => [`Logged in to ${project} at ${url} as ${user}`]);
      }
      const user = first ?? 'root';
      const project = await projectAt(context);
      const password = await readPassword({ fromStdin: passwordStdin, of: user, terminal: context.terminal });
      const { url } = await login(project, { user, password });
      return terminal.say({ user, url }, () => [`Logged in to ${project.name} as ${user}`]);
    });
