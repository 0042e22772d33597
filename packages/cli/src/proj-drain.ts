/** `pipl proj drain [PATH]`: pauses everything and waits until nothing runs, for whoever wants to stop the server or a disk. */
import { setTimeout as sleep } from 'node:timers/promises';
import { piplError } from '@pipl/packl';
import type { Pauses } from '@pipl/registry-client';
import type { Context, DefineCommand, Open } from './context.ts';
import { interruptible } from './interrupt.ts';
import { wholeNumber } from './numbers.ts';
import { openToWrite } from './opening.ts';
import { isWhole } from './pause-lines.ts';
import { counted } from './plural.ts';
import { type Run, runLine } from './run-lines.ts';

interface Options {
  readonly message?: string;
  readonly timeout?: number;
}

const letGo = '`pipl resume --all` lets things go on.';
/** Milliseconds between two looks. */
const every = 250;

export const command: DefineCommand = (into, context) =>
  into
    .argument('[path]', 'the project; else the one you stand in')
    .option('-m, --message <text>', 'why')
    .option('--timeout <seconds>', 'wait no longer for what runs; everything stays paused', wholeNumber)
    .action(async (path: string | undefined, { message, timeout }: Options) => {
      const { client } = await openToWrite(context, path);
      await client.pause(message === undefined ? {} : { reason: message });
      context.terminal.note(`Everything is paused, nothing starts. ${letGo}`);
      const drained = await interruptible((signal) => untilNothingRuns(context, client, { timeout, signal }));
      context.terminal.say(drained, () => ['Nothing runs.']);
    });

interface Patience {
  /** seconds; undefined: as long as it takes */
  readonly timeout: number | undefined;
  readonly signal: AbortSignal;
}

/** @throws PIPL_DRAIN_LATE PIPL_DRAIN_RESUMED */
async function untilNothingRuns(
  { terminal }: Context,
  client: Open['client'],
  { timeout, signal }: Patience,
): Promise<Pauses> {
  const end = timeout === undefined ? Infinity : performance.now() + timeout * 1000;
  let told = '';
  for (;;) {
    const seen = await client.pauses();
    if (!seen.pauses.some(isWhole)) throw resumed();
    if (seen.running === 0) {
      terminal.draw([]);
      return seen;
    }
    const runs = await client.runs({ state: 'running' });
    if (performance.now() >= end) throw late(timeout!, { seen, runs });
    terminal.draw(runs.map((run) => runLine(run, Date.now(), terminal)));
    const now = stillRuns(seen, runs);
    if (!terminal.live && now !== told) terminal.note(now);
    told = now;
    await sleep(every, undefined, { signal });
  }
}

const mostNamed = 5;

/** `2 runs still run: @film/comp, @film/grade` */
function stillRuns({ running }: Pauses, runs: readonly Run[]): string {
  const names = runs
    .slice(0, mostNamed)
    .map(({ task, handler }) => (handler === undefined ? task : `${handler} of ${task}`));
  const named = runs.length > mostNamed ? [...names, '…'] : names;
  const which = named.length === 0 ? '' : `: ${named.join(', ')}`;
  return `${counted(running, 'run')} still ${running === 1 ? 'runs' : 'run'}${which}`;
}

const late = (timeout: number, { seen, runs }: { seen: Pauses; runs: readonly Run[] }) =>
  piplError('timeout', 'PIPL_DRAIN_LATE', {
    what: `The project was not idle within ${counted(timeout, 'second')}.`,
    why: `${stillRuns(seen, runs)}.`,
    hint: `Nothing else starts: wait again with \`pipl proj drain\`, or end them with \`pipl run cancel RUN\`. ${letGo}`,
  });

const resumed = () =>
  piplError('conflict', 'PIPL_DRAIN_RESUMED', {
    what: 'The project is not paused any more.',
    why: 'Somebody resumed it while what runs was waited for.',
    hint: '`pipl proj audit` says who; `pipl proj drain` pauses it again.',
  });
