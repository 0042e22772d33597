/** `pipl proj handler list` */
import type { DefineCommand } from './context.ts';
import { handlerLine } from './handler-lines.ts';
import { openToRead, openToWrite } from './opening.ts';

export const command: DefineCommand = (into, context) =>
  into.action(async () => {
    const { client } = await openToWrite(context).catch(() => openToRead(context));
    const handlers = await client.handlers();
    for (const { name, index, promoteTo, granted } of handlers) {
      if (promoteTo === undefined || granted === true) continue;
      context.terminal.warn(
        `${name} may not promote yet: pipl proj index set ${promoteTo} --handler ${name}@${index} (with those that are there)`,
      );
    }
    context.terminal.say(handlers, () => handlers.map(handlerLine));
  });
