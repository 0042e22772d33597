/** `pipl env show`: what the envsets around here come to. */
import { environmentHere } from '@pipl/project';
import type { ComposedEnvironment } from '@pipl/packl';
import type { DefineCommand } from './context.ts';

export const command: DefineCommand = (into, context) =>
  into
    .option('--ci', 'as a run has it: without the packls of the groups called edit')
    .option('--portable', 'with packls in place of folders, as a run records it')
    .action(async ({ ci, portable }: { ci?: true; portable?: true }) => {
      const { composed } = await here(context.where, ci);
      const shown = portable === true ? composed.portable : composed.variables;
      const { unset, templates } = composed;
      context.terminal.say(
        { variables: shown, unset, environments: templates, steps: composed.steps },
        () => [
          ...Object.entries(shown)
            .toSorted(([a], [b]) => (a < b ? -1 : 1))
            .map(([name, value]) => `${name}=${value}`),
          ...unset.map((name) => `${name} is unset`),
          ...templates.map(({ packl, file }) => `on enter and exit: ${file} of ${packl}`),
        ],
      );
    });

const empty: ComposedEnvironment = { variables: {}, unset: [], portable: {}, steps: {}, templates: [] };

export const here = async (
  where: { readonly from: string; readonly env?: NodeJS.ProcessEnv | undefined },
  ci?: boolean,
): Promise<{ readonly composed: ComposedEnvironment }> =>
  (await environmentHere({ ...where, path: process.env['PATH'] ?? '', ci })) ?? { composed: empty };
