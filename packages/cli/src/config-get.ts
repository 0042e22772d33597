/** `pipl config get KEY`: what it comes to, as JSON. */
import { explainConfig } from '@pipl/project';
import type { DefineCommand } from './context.ts';

export const command: DefineCommand = (into, context) =>
  into
    .argument('<key>', 'a configuration or a value in it: asset_store.root')
    .option('--ci', 'as a run has it')
    .action(async (key: string, { ci }: { ci?: true }) => {
      const { found } = await explainConfig({ ...context.where, ci }, key);
      context.terminal.say(found, () => [
        typeof found === 'string' ? found : JSON.stringify(found, undefined, 2),
      ]);
    });
