/** `pipl proj token revoke ID` */
import { revokeToken } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { openToWrite } from './opening.ts';

export const command: DefineCommand = (into, context) =>
  into
    .argument('<id>', 'as `pipl proj token list` shows it')
    .option('--user <login>', "somebody else's, for root")
    .action(async (id: string, { user }: { user?: string }) => {
      const { client } = await openToWrite(context);
      await revokeToken(client, id, user);
      context.terminal.say({ id }, () => [`Revoked ${id}`]);
    });
