/** `pipl proj gate set INDEX`: all that it asks for from now on. */
import { indexName } from '@pipl/packl';
import { type AskedGate, gateFrom, setGate } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { gateLine, gateTrouble } from './gate-lines.ts';
import { wholeNumber } from './numbers.ts';
import { openToWrite } from './opening.ts';

const examples = `
Examples:
  pipl proj gate set root/PROJ --checks --approval :supervisors
  pipl proj gate set root/PROJ --checks frames names --approvals 2
  pipl proj gate set root/PROJ --approval root --self       # who works alone
  pipl proj gate set root/PROJ                              # nothing but that one promotes, not publishes`;

export const command: DefineCommand = (into, context) =>
  into
    .argument('<index>', 'what is promoted into it must pass; nobody publishes to it directly any more')
    .option('--checks [name...]', 'these must have passed; without names at least one, and all that report')
    .option('--approval <who...>', 'whose approval counts: users or :groups; else who may promote')
    .option('--approvals <count>', 'how many different people; else 1 with --approval', wholeNumber)
    .option('--self', "one's own approval counts")
    .addHelpText('after', examples)
    .action(async (text: string, asked: AskedGate) => {
      const index = indexName(text);
      const gate = gateFrom(asked);
      const { client } = await openToWrite(context);
      const view = await setGate(client, index, gate);
      const trouble = gateTrouble(view);
      if (trouble !== undefined) context.terminal.warn(trouble);
      context.terminal.say(view, () => [gateLine(view)]);
    });
