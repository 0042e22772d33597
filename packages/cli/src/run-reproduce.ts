/** `pipl run reproduce RUN`: everything it had, in a folder here; its failing action in a shell; or run again. */
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exitStatuses } from '@pipl/packl';
import { heldEnvironment, type HeldAction, type MadeAgain, rebuildRun, type Rebuilt } from '@pipl/project';
import type { Context, DefineCommand } from './context.ts';
import { interruptible } from './interrupt.ts';
import { openToWrite, pathFrom } from './opening.ts';
import { runHere } from './run-here.ts';
import { shellCommand } from './shell-command.ts';

interface Options {
  readonly shell?: true;
  readonly rerun?: true;
  readonly in?: string;
}

export const command: DefineCommand = (into, context) =>
  into
    .argument('<run>', 'an attempt, the start of one, or a task: its last run')
    .option('--shell', 'open a shell where the action that failed would start; else the first action')
    .option('--rerun', 'run all of it again and compare what it makes; publishes nothing')
    .option('--in <folder>', 'rebuild it there, in an empty folder; else in a temporary one')
    .action(async (run: string, options: Options) => {
      const { project, client } = await openToWrite(context);
      const folder = options.in === undefined ? undefined : pathFrom(context, options.in);
      const onText = (text: string) => context.terminal.note(text);
      await interruptible(async (signal) => {
        const rebuilding = await rebuildRun(client, { project, run, folder, signal, onText });
        const { rebuilt } = rebuilding;
        try {
          if (options.shell === true) return await rebuilding.hold((held) => inShell(context, rebuilt, held));
          const made = options.rerun === true ? await rebuilding.rerun() : [];
          context.terminal.say({ ...rebuilt, made }, () => [
            ...placeLines(rebuilt),
            ...made.flatMap(madeLines),
          ]);
          if (made.some(({ is }) => is === 'differs')) process.exitCode = exitStatuses.invalid;
        } finally {
          await rebuilding.close();
        }
      });
    });

async function inShell({ terminal }: Context, rebuilt: Rebuilt, held: HeldAction): Promise<void> {
  const action = join(rebuilt.folder, 'action');
  const words = held.argv.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ');
  await writeFile(
    action,
    `#!/bin/sh\n# What the action would run, here and with these variables.\nexec ${words}\n`,
  );
  await chmod(action, 0o755);
  for (const line of placeLines(rebuilt)) terminal.note(line);
  terminal.note(`The action is ${action}; \`exit\` leaves.`);
  const env = heldEnvironment(held);
  // A shell asks for what a job does not have: the terminal that it speaks to.
  const { TERM, SHELL } = process.env;
  const status = await runHere(shellCommand({ ...env, SHELL }), {
    cwd: held.cwd,
    env: { ...env, PIPL_ACTION: action, ...(TERM === undefined ? {} : { TERM }) },
  });
  process.exitCode = status;
}

function placeLines({ task, attempt, folder, inputs, outputs, failedAt, sameJob }: Rebuilt): string[] {
  const where = failedAt?.where === undefined ? '' : ` (${failedAt.where})`;
  return [
    `${task}, run ${attempt}, is rebuilt in ${folder}`,
    ...Object.entries(inputs).map(([slot, path]) => `  input ${slot}: ${path}`),
    ...Object.entries(outputs).map(([slot, path]) => `  output ${slot}: ${path}`),
    ...(failedAt === undefined ? [] : [`  it failed at the step ${failedAt.step}${where}`]),
    ...(sameJob === false ? ['  its code makes another job than then'] : []),
  ];
}

function madeLines({ product, asset, is, files }: MadeAgain): string[] {
  const words = { equal: 'equal', differs: 'differs', 'not recorded': 'not recorded then' }[is];
  return [`${product} ${asset}: ${words}`, ...files.map((file) => `  ${file.path}: ${file.is}`)];
}
