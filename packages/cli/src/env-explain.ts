/** `pipl env explain VARIABLE`: which envset did what to it, in which order. */
import { type EnvironmentStep, piplError } from '@pipl/packl';
import { closest } from './closest.ts';
import type { DefineCommand } from './context.ts';
import { here } from './env-show.ts';

export const command: DefineCommand = (into, context) =>
  into
    .argument('<variable>', 'for example PATH')
    .option('--ci', 'as a run has it: without the packls of the groups called edit')
    .action(async (variable: string, { ci }: { ci?: true }) => {
      const { composed } = await here(context.where, ci);
      const steps = composed.steps[variable];
      if (steps === undefined) throw unspoken(variable, Object.keys(composed.steps));
      const value = composed.variables[variable];
      context.terminal.say({ variable, value: value ?? null, steps }, () => [
        value === undefined ? `${variable} is unset` : `${variable}=${value}`,
        ...steps.map(sentence),
      ]);
    });

function sentence({ packl, does, written, value, when }: EnvironmentStep): string {
  const because = when === undefined ? '' : `, because ${when} is there`;
  if (does === 'unset') return `  ${packl} unsets it${because}`;
  const says = written === value ? written : `${written} = ${value}`;
  return `  ${packl} ${does}s ${says}${because}`;
}

function unspoken(variable: string, known: readonly string[]) {
  const near = closest(variable, known);
  return piplError('notFound', 'PIPL_NO_VARIABLE', {
    what: `No envset here speaks of ${variable}.`,
    why: near === undefined ? `They speak of ${known.join(', ') || 'nothing'}.` : `Did you mean ${near}?`,
    hint: 'pipl env show lists what they come to; an envset of the dependencies must be installed.',
  });
}
