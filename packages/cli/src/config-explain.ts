/** `pipl config explain KEY`: each value, who says it, and what it hides. */
import { explainConfig } from '@pipl/project';
import type { DefineCommand } from './context.ts';

export const command: DefineCommand = (into, context) =>
  into
    .argument('<key>', 'a configuration or a value in it: asset_store.root')
    .option('--ci', 'as a run has it')
    .action(async (asked: string, { ci }: { ci?: true }) => {
      const { name, key, found, origins } = await explainConfig({ ...context.where, ci }, asked);
      const told = { name, ...(key === undefined ? {} : { key }), value: found, origins };
      context.terminal.say(told, () =>
        origins.flatMap((origin) => [
          `${name}.${origin.key} = ${JSON.stringify(origin.value)}  from ${origin.packl}`,
          ...origin.hides.map(({ packl, value }) => `  hides ${JSON.stringify(value)} of ${packl}`),
        ]),
      );
    });
