/** `pipl config list`: which configurations there are and who says them. Loads no code of a packl. */
import { listConfigs } from '@pipl/project';
import type { DefineCommand } from './context.ts';

export const command: DefineCommand = (into, context) =>
  into.option('--ci', 'as a run has it').action(async ({ ci }: { ci?: true }) => {
    const configs = await listConfigs({ ...context.where, ci });
    context.terminal.say(configs, () =>
      configs.map(
        ({ name, said }) =>
          `${name}  ${said.map(({ packl, by }) => (by === 'code' ? `${packl} (code)` : packl)).join(' < ')}`,
      ),
    );
  });
