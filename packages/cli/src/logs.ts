/** `pipl logs RUN [-f]`: what a run said; of a task, its last run. */
import { findRun, followLog, readLog } from '@pipl/project';
import type { Context, DefineCommand, Open } from './context.ts';
import { interruptible } from './interrupt.ts';
import { openToRead } from './opening.ts';

interface Line {
  readonly at?: string;
  readonly step?: string;
  readonly text?: string;
  readonly progress?: number;
  readonly message?: string;
  readonly event?: string;
}

export const command: DefineCommand = (into, context) =>
  into
    .argument('<run>', 'an attempt, the start of one, or a task')
    .option('-f, --follow', 'stay until it ends')
    .action(async (subject: string, { follow }: { follow?: true }) => {
      const { client } = await openToRead(context);
      const { attempt, task, state } = await findRun(client, subject);
      context.terminal.note(`${task}, run ${attempt}, ${state}`);
      if (follow === true) return interruptible((signal) => followIt(context, client, { attempt, signal }));
      const lines = parsed(await readLog(client, attempt));
      const read = reading();
      context.terminal.say(lines, () => lines.flatMap(read));
    });

/** What it says from the beginning, as it comes; until it ends. */
export async function followIt(
  { terminal }: Context,
  client: Open['client'],
  asked: { attempt: string; signal: AbortSignal },
): Promise<void> {
  let rest = '';
  const read = reading();
  for await (const text of followLog(client, asked)) {
    const all = (rest + text).split('\n');
    rest = all.pop() ?? ''; // a line may arrive in two pieces
    for (const line of parsed(all.join('\n'))) {
      const told = read(line);
      if (terminal.json || told.length > 0) terminal.piece(line, () => told);
    }
  }
}

const parsed = (ndjson: string): Line[] =>
  ndjson
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);

const textOf = ({ step, text, message, progress }: Line): string[] => {
  if (text !== undefined && /^openjd_(?:progress|status):/.test(text)) return []; // told by the lines after it
  if (text !== undefined) return [step === undefined ? text.trimEnd() : `${step}: ${text.trimEnd()}`];
  if (message === undefined) return [];
  return [`${progress === undefined ? '' : `${progress} % `}${message}`];
};

/** Line after line; a message that only stands on while the percent goes on is not told again. */
function reading(): (line: Line) => string[] {
  let last: string | undefined;
  return (line) => {
    if (line.text === undefined && line.message !== undefined && line.message === last) return [];
    last = line.message ?? last;
    return textOf(line);
  };
}
