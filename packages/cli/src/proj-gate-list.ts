/** `pipl proj gate list` */
import type { DefineCommand } from './context.ts';
import { gateLine, gateTrouble } from './gate-lines.ts';
import { openToRead, openToWrite } from './opening.ts';

export const command: DefineCommand = (into, context) =>
  into.action(async () => {
    const { client } = await openToWrite(context).catch(() => openToRead(context));
    const gates = await client.gates();
    for (const gate of gates) {
      const trouble = gateTrouble(gate);
      if (trouble !== undefined) context.terminal.warn(trouble);
    }
    context.terminal.say(gates, () =>
      gates.length === 0
        ? ['No index has a gate: whoever may publish to one does. `pipl proj gate set --help` has examples.']
        : gates.map(gateLine),
    );
  });
