/** `pipl packl log [SPEC]`: who edited a packl, when and why; --verify: does the history give the package.json? */
import { piplError } from '@pipl/packl';
import {
  findPackl,
  type HistoryLine,
  publishedHistory,
  readHistory,
  recordByHand,
  verifyHistory,
} from '@pipl/project';
import type { Context, DefineCommand } from './context.ts';
import { openToRead } from './opening.ts';
import { counted } from './plural.ts';

interface Options {
  readonly verify?: true;
  readonly record?: true;
  readonly message?: string;
}

type Operation = HistoryLine['ops'][number];

export const command: DefineCommand = (into, context) =>
  into
    .argument('[spec]', 'name or name@range of a published packl; else the packl you stand in')
    .option('--verify', 'replay it: does it give the package.json that is there?')
    .option('--record', 'write down what was edited by hand')
    .option('-m, --message <why>', 'with --record: why')
    .action(async (spec: string | undefined, { verify, record, message }: Options) => {
      if (spec !== undefined) return sayLines(context, await publishedLines(context, spec));
      const folder = await findPackl(context.where);
      if (record === true) {
        const recorded = await recordByHand(folder, message);
        return context.terminal.say({ recorded }, () =>
          recorded.length === 0 ? ['Everything is written down already.'] : recorded.map(told),
        );
      }
      if (verify !== true) return sayLines(context, await readHistory(folder));
      const found = await verifyHistory(folder);
      if (found.unrecorded.length > 0) throw differs(folder, found.unrecorded);
      context.terminal.say(found, ({ lines }) => [
        `${counted(lines, 'edit')} replay to the package.json that is there.`,
      ]);
    });

async function publishedLines(context: Context, spec: string): Promise<readonly HistoryLine[]> {
  const { project, client } = await openToRead(context);
  return (await publishedHistory(client, { index: project.defaultIndex, spec })).lines;
}

const sayLines = ({ terminal }: Context, history: readonly HistoryLine[]): void => {
  if (history.length === 0)
    terminal.note('Nothing was written down: its next managed edit begins a history.');
  terminal.say(history, () =>
    history.flatMap(({ at, by, comment, ops, found }) => [
      `${at.slice(0, 19).replace('T', ' ')}  ${by}  ${comment}${found === true ? ' (by hand)' : ''}`,
      ...ops.map((operation) => `    ${told(operation)}`),
    ]),
  );
};

const told = (operation: Operation): string =>
  operation.op === 'remove'
    ? `- ${operation.path}`
    : `${operation.op === 'add' ? '+' : '~'} ${operation.path || '(all of it)'} ${short(operation.value)}`;

const short = (value: unknown): string => {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
};

const differs = (folder: string, operations: readonly Operation[]) =>
  piplError('invalid', 'PIPL_HISTORY_DIFFERS', {
    what: `${folder}/package.json was edited by hand.`,
    why: `Its history does not give ${operations.map(({ path }) => path || 'all of it').join(', ')}.`,
    hint: 'Write it down: pipl packl log --record -m WHY; the next managed edit does it too.',
    problems: operations.map(told),
  });
