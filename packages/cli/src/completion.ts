/** `pipl completion SHELL`: what makes a shell complete pipl's command lines. */
import { Argument } from 'commander';
import { scripts, type Shell } from './completion-scripts.ts';
import type { DefineCommand } from './context.ts';

const shells = Object.keys(scripts) as Shell[];

export const command: DefineCommand = (into, context) =>
  into
    .addArgument(new Argument('<shell>', 'which one').choices(shells))
    .addHelpText(
      'after',
      `\n${Object.entries(scripts)
        .map(([shell, { use }]) => `  ${shell.padEnd(12)}${use}`)
        .join('\n')}`,
    )
    .action((shell: Shell) => {
      const { script } = scripts[shell];
      context.terminal.say({ shell, script }, () => [script.trimEnd()]);
    });
