/** `pipl run attach RUN`: its log from the beginning, live; then the command ends as the run did. */
import { setTimeout as pause } from 'node:timers/promises';
import { piplError } from '@pipl/packl';
import { findRun } from '@pipl/project';
import type { Context, DefineCommand, Open } from './context.ts';
import { interruptible } from './interrupt.ts';
import { followIt } from './logs.ts';
import { openToRead } from './opening.ts';
import { hasEnded, type Run, runLine } from './run-lines.ts';

/** Milliseconds between two looks: the log ends a moment before the run is on record. */
const every = 100;

export const command: DefineCommand = (into, context) =>
  into.argument('<run>', 'an attempt, the start of one, or a task').action(async (subject: string) => {
    const { client } = await openToRead(context);
    const { attempt, task, state } = await findRun(client, subject);
    context.terminal.note(`${task}, run ${attempt}, ${state}`);
    const run = await interruptible((signal) => toItsEnd(context, client, { attempt, signal }));
    context.terminal.piece(run, () => [runLine(run, Date.now(), context.terminal)]);
    if (run.state !== 'succeeded' && run.state !== 'unchanged') throw endOf(run);
  });

async function toItsEnd(
  context: Context,
  client: Open['client'],
  asked: { attempt: string; signal: AbortSignal },
): Promise<Run> {
  await followIt(context, client, asked);
  for (;;) {
    const run = await client.run(asked.attempt);
    if (hasEnded(run)) return run;
    await pause(every, undefined, { signal: asked.signal });
  }
}

const endOf = ({ task, attempt, state, reason }: Run) =>
  piplError('taskFailed', 'PIPL_RUN_FAILED', {
    what: `${task}, run ${attempt}, ended: ${state}.`,
    why: reason ?? 'It did not say why.',
    hint: `\`pipl why ${attempt}\` tells what led to it; \`pipl run retry ${task}\` tries it again.`,
  });
