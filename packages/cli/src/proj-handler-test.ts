/** `pipl proj handler test INDEX NAME SPEC`: what it would find, and do nothing about it. */
import { exitStatuses, indexName } from '@pipl/packl';
import { testHandler } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { handlingLine, reportLines } from './handler-lines.ts';
import { interruptible } from './interrupt.ts';
import { openToWrite } from './opening.ts';

export const command: DefineCommand = (into, context) =>
  into
    .argument('<index>', 'where it stands')
    .argument('<name>', 'the handler')
    .argument('<spec>', 'name@version, a version that stands there')
    .action(async (index: string, handler: string, spec: string) => {
      const where = indexName(index);
      const { client } = await openToWrite(context);
      const found = await interruptible((signal) =>
        testHandler(client, { index: where, handler, spec }, { signal }),
      );
      context.terminal.say(found, () => [handlingLine(found), ...reportLines(found)]);
      if (found.state !== 'passed' && found.state !== 'done') process.exitCode = exitStatuses.invalid;
    });
