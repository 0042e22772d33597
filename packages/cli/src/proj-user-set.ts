/** `pipl proj user set LOGIN`; the original's `set ROOT_PASSWORD LOGIN [PATH]` too, with a warning. */
import { renewLogin, setUser } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { openAsRoot, openToWrite } from './opening.ts';
import { readPassword } from './secrets.ts';

interface Options {
  readonly email?: string;
  readonly password?: string;
  readonly passwordStdin?: true;
}

export const command: DefineCommand = (into, context) =>
  into
    .usage('[options] <login>')
    .argument('<login>', 'whose')
    .argument('[rest...]', 'nothing; the original had ROOT_PASSWORD LOGIN [PATH]')
    .option('-e, --email <email>', 'where they can be reached')
    .option('-p, --password <password>', 'visible to other users: use --password-stdin')
    .option('--password-stdin', 'read the new password from stdin')
    .action(async (first: string, [login, path]: readonly string[], options: Options) => {
      const name = login ?? first;
      const { client, project } =
        login === undefined ? await openToWrite(context) : await openAsRoot(context, first, path);
      if (options.password !== undefined && login === undefined) {
        context.terminal.warn('A password as an option is visible to other users: use --password-stdin.');
      }
      const password =
        options.passwordStdin === true
          ? await readPassword({ fromStdin: true, of: name, terminal: context.terminal })
          : options.password;
      const { token, ...user } = await setUser(client, { name, password, email: options.email });
      if (token !== undefined) await renewLogin(project, { user: name, token });
      context.terminal.say(user, () => [`Changed ${name}`]);
    });
