/** `pipl doctor [--fix]`: what is wrong here and what mends it; ends with 7 where something is. */
import { exitStatuses } from '@pipl/packl';
import { examine, type Finding } from '@pipl/project';
import type { Context, DefineCommand } from './context.ts';
import { pipeTarball } from './house.ts';

export const command: DefineCommand = (into, context) =>
  into
    .option('--fix', 'mend what can be mended without losing anything')
    .action(async ({ fix }: { fix?: true }) => {
      const report = await examine({ where: context.where, fix: fix === true, tarball: pipeTarball });
      context.terminal.say(report, ({ findings }) => findings.flatMap((finding) => lines(finding, context)));
      if (!report.ok) process.exitCode = exitStatuses.invalid;
    });

function lines({ check, state, what, fix, done }: Finding, { terminal: { paint } }: Context): string[] {
  const marks = {
    ok: paint('green', 'ok     '),
    warning: paint('yellow', 'warning'),
    problem: paint('red', 'problem'),
  };
  return [
    `${marks[state]}  ${check.padEnd(13)}  ${what}`,
    ...(done === undefined ? [] : [`         mended: ${done}`]),
    ...(fix === undefined || done !== undefined ? [] : [`         fix: ${fix}`]),
  ];
}
