/** `pipl proj keys list` */
import type { DefineCommand } from './context.ts';
import { openToRead } from './opening.ts';

export const command: DefineCommand = (into, context) =>
  into.action(async () => {
    const { client } = await openToRead(context);
    const keys = [...(await client.keys()), ...(await client.provenanceKeys())];
    context.terminal.say(keys, () =>
      keys.map(({ keyid, keytype, expires }) => {
        const what = keytype === 'ed25519' ? ' provenance' : '';
        return [keyid, expires === null ? `signs${what}` : `signed${what} until ${expires}`].join('\t');
      }),
    );
  });
