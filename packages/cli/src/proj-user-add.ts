/** `pipl proj user add LOGIN`; the original's `add ROOT_PASSWORD LOGIN PASSWORD EMAIL [PATH]` too, with a warning. */
import { addUser } from '@pipl/project';
import { piplError } from '@pipl/packl';
import type { Context, DefineCommand } from './context.ts';
import { openAsRoot, openToWrite } from './opening.ts';
import { readPassword } from './secrets.ts';

interface Options {
  readonly email?: string;
  readonly passwordStdin?: true;
}

export const command: DefineCommand = (into, context) =>
  into
    .usage('[options] <login>')
    .argument('<login...>', 'the name to log in with')
    .option('--email <email>', 'where they can be reached')
    .option('--password-stdin', 'read the password from stdin')
    .action(async (words: readonly string[], { email, passwordStdin }: Options) => {
      const [first, login, password, address, path] = words;
      if (words.length === 2 || words.length === 3 || words.length > 5) throw unclear();
      if (login !== undefined) {
        const { client } = await openAsRoot(context, first!, path);
        return say(context, await addUser(client, { name: login, password: password!, email: address }));
      }
      const { client } = await openToWrite(context);
      const typed = await readPassword({ fromStdin: passwordStdin, of: first!, terminal: context.terminal });
      return say(context, await addUser(client, { name: first!, password: typed, email }));
    });

const say = ({ terminal }: Context, user: Awaited<ReturnType<typeof addUser>>): void =>
  terminal.say(user, ({ name }) => [`Added ${name}`]);

const unclear = () =>
  piplError('usage', 'PIPL_USAGE', {
    what: 'It is not clear which user to add.',
    why: 'One name is expected (or, as the original had it: ROOT_PASSWORD LOGIN PASSWORD EMAIL).',
    hint: 'For example: pipl proj user add bob --email bob@example.org --password-stdin',
  });
