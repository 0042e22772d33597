/** `pipl proj token create LABEL`: the token alone on stdout, once. */
import { createToken } from '@pipl/project';
import { piplError } from '@pipl/packl';
import type { DefineCommand } from './context.ts';
import { openToWrite } from './opening.ts';

interface Options {
  readonly index?: readonly string[];
  readonly packl?: readonly string[];
  readonly may?: readonly string[];
  readonly readOnly?: true;
  readonly days?: string;
}

export const command: DefineCommand = (into, context) =>
  into
    .argument('<label>', 'what you will know it by')
    .option('--index <index...>', 'only on these')
    .option('--packl <name...>', 'may change only these: names, or patterns like @film/*')
    .option('--may <operation...>', 'read, publish, tag, deprecate, withdraw, promote')
    .option('--read-only', 'the same as --may read')
    .option('--days <days>', 'ends by itself')
    .action(async (label: string, { index, packl, may, readOnly, days }: Options) => {
      const operations = readOnly === true ? ['read'] : may;
      const { client } = await openToWrite(context);
      const made = await createToken(client, {
        label,
        ...(index === undefined ? {} : { indexes: index }),
        ...(packl === undefined ? {} : { packls: packl }),
        ...(operations === undefined ? {} : { operations }),
        ...(days === undefined ? {} : { days: daysIn(days) }),
      });
      context.terminal.note('It is told only this once.');
      context.terminal.say(made, ({ token }) => [token]);
    });

function daysIn(text: string): number {
  const days = Number(text);
  if (Number.isFinite(days) && days > 0) return days;
  throw piplError('usage', 'PIPL_USAGE', {
    what: `"${text}" is no number of days.`,
    why: 'It must be more than zero.',
    hint: 'For example --days 30',
  });
}
