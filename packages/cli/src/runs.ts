/** `pipl runs [-f]`: what ran and runs; following, one line a run, drawn again on a terminal as it goes on. */
import { followRuns, listRuns } from '@pipl/project';
import { Option } from 'commander';
import type { Context, DefineCommand, Open } from './context.ts';
import { interruptible } from './interrupt.ts';
import { wholeNumber } from './numbers.ts';
import { openToRead } from './opening.ts';
import { hasEnded, marks, type Run, runLine } from './run-lines.ts';

interface Options {
  readonly follow?: true;
  readonly task?: string;
  readonly wave?: number;
  readonly state?: Run['state'];
  readonly change?: number;
  readonly limit: number;
}

const nothing = 'Nothing ran yet. Publishing a packl wakes the tasks that depend on it.';

type Asked = Omit<Options, 'follow'>;

export const command: DefineCommand = (into, context) =>
  into
    .argument('[task]', 'only the runs of this task')
    .option(
      '-f, --follow',
      'stay until everything published so far has caused what it causes; with --change, that change',
    )
    .addOption(new Option('--state <state>', 'only the runs that are so now').choices(Object.keys(marks)))
    .option('--wave <id>', 'only the runs of this wave', wholeNumber)
    .option('--change <seq>', 'only what this change caused', wholeNumber)
    .option('--limit <n>', 'how many, newest first', wholeNumber, 50)
    .action(async (task: string | undefined, { follow, ...options }: Options) => {
      const { client } = await openToRead(context);
      const asked = { ...options, ...(task === undefined ? {} : { task }) };
      if (follow === true)
        return interruptible((signal) => followThem(context, client, { ...asked, signal }));
      const runs = await listRuns(client, asked);
      if (runs.length === 0)
        context.terminal.note(options.state === undefined ? nothing : `No run is ${options.state}.`);
      context.terminal.say(runs, () =>
        oldestFirst(runs).map((run) => runLine(run, Date.now(), context.terminal)),
      );
    });

async function followThem(
  { terminal }: Context,
  client: Open['client'],
  { signal, ...asked }: Asked & { signal: AbortSignal },
): Promise<void> {
  const told = new Map<string, string>();
  let running: Run[] = [];
  const draw = () => terminal.draw(running.map((run) => runLine(run, Date.now(), terminal)));
  const clock = setInterval(draw, 500);
  const untilSettled = asked.change ?? (await client.status()).head;
  try {
    for await (const runs of followRuns(client, { ...asked, untilSettled, signal })) {
      const changed = oldestFirst(runs).filter(({ attempt, state }) => told.get(attempt) !== state);
      // On a terminal what runs is drawn below and replaced; elsewhere every new state is a line.
      const lines = changed.filter((run) => !terminal.live || hasEnded(run));
      for (const { attempt, state } of changed) told.set(attempt, state);
      if (lines.length > 0) terminal.draw([]);
      for (const run of lines) terminal.piece(run, () => [runLine(run, Date.now(), terminal)]);
      running = oldestFirst(runs).filter((run) => !hasEnded(run));
      draw();
    }
    if (told.size === 0) terminal.note(nothing);
  } finally {
    clearInterval(clock);
    terminal.draw([]);
  }
}

const oldestFirst = (runs: readonly Run[]): Run[] =>
  runs.toSorted((a, b) => Date.parse(a.submittedAt) - Date.parse(b.submittedAt));
