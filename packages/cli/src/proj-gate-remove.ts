/** `pipl proj gate remove INDEX` */
import { indexName } from '@pipl/packl';
import { removeGate } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { openToWrite } from './opening.ts';

export const command: DefineCommand = (into, context) =>
  into.argument('<index>', 'what it held back comes in').action(async (text: string) => {
    const index = indexName(text);
    const { client } = await openToWrite(context);
    const removed = await removeGate(client, index);
    context.terminal.say(removed, () => [
      `Removed the gate of ${index}: whoever may publish to it publishes there directly`,
    ]);
  });
