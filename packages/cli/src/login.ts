/** `pipl login [USER]` */
import { login } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { projectAt } from './opening.ts';
import { readPassword } from './secrets.ts';

export const command: DefineCommand = (into, context) =>
  into
    .argument('[user]', 'who', 'root')
    .option('--password-stdin', 'read the password from stdin')
    .action(async (user: string, { passwordStdin }: { passwordStdin?: true }) => {
      const project = await projectAt(context);
      const password = await readPassword({ fromStdin: passwordStdin, of: user });
      const { url } = await login(project, { user, password });
      context.terminal.say({ user, url }, () => [`Logged in to ${project.name} as ${user}`]);
    });
