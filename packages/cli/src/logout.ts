/** `pipl logout [URL]`: ends the saved login and forgets it. */
import { logout } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { projectAt } from './opening.ts';

export const command: DefineCommand = (into, context) =>
  into
    .argument('[url]', "the server's address; else that of the project you stand in")
    .action(async (url?: string) => {
      const ended = await logout(url ?? (await projectAt(context)));
      context.terminal.say(ended, () => [`Logged out ${ended.user} from ${ended.url}`]);
    });
