/** `pipl proj keys rotate`: old keys stay listed, so what they signed still verifies. */
import type { DefineCommand } from './context.ts';
import { openToWrite } from './opening.ts';

export const command: DefineCommand = (into, context) =>
  into.action(async () => {
    const { client } = await openToWrite(context);
    const key = await client.rotateKeys();
    context.terminal.say(key, ({ keyid }) => [`New versions are signed with ${keyid}`]);
  });
