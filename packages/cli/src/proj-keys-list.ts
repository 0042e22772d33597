/** `pipl proj keys list` */
import type { DefineCommand } from './context.ts';
import { openToRead } from './opening.ts';

export const command: DefineCommand = (into, context) =>
  into.action(async () => {
    const { client } = await openToRead(context);
    const keys = await client.keys();
    context.terminal.say(keys, () =>
      keys.map(({ keyid, expires }) =>
        [keyid, expires === null ? 'signs' : `signed until ${expires}`].join('\t'),
      ),
    );
  });
