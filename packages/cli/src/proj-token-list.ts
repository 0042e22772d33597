/** `pipl proj token list` */
import { listTokens, type TokenView } from '@pipl/project';

import type { DefineCommand } from './context.ts';
import { openToWrite } from './opening.ts';

function limitsOf({ limits }: TokenView): string {
  const { indexes, packls, operations } = limits ?? {};
  const words = [operations?.join(',') ?? 'all', packls?.join(','), indexes && `on ${indexes.join(',')}`];
  return words.filter((word) => word !== undefined).join(' ');
}

export const command: DefineCommand = (into, context) =>
  into.option('--user <login>', "somebody else's, for root").action(async ({ user }: { user?: string }) => {
    const { client } = await openToWrite(context);
    const tokens = await listTokens(client, user);
    context.terminal.say(tokens, () =>
      tokens.map((token) =>
        [token.id, token.label ?? '(login)', limitsOf(token), token.expiresAt ?? 'until revoked'].join('\t'),
      ),
    );
  });
