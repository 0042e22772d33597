/** `pipl packl version`: bumps the packls of the workspace by what `packl change` wrote down, and their dependents. */
import { applyVersions, findWorkspace, planVersions, type VersionPlan } from '@pipl/project';
import type { DefineCommand } from './context.ts';

export const command: DefineCommand = (into, context) =>
  into
    .option('-n, --dry-run', 'only say what would be bumped')
    .action(async ({ dryRun }: { dryRun?: true }) => {
      const { path } = await findWorkspace(context.where);
      const plan = dryRun === true ? await planVersions(path) : await applyVersions(path);
      context.terminal.say(plan, lines);
      if (dryRun !== true) context.terminal.note(`Next: pipl packl publish ${path}`);
    });

const lines = ({ versions }: VersionPlan): string[] =>
  versions.flatMap(({ name, from, to, comment, ranges }) => [
    from === to ? `${name} ${from} stays` : `${name} ${from} → ${to}  ${comment}`,
    ...Object.entries(ranges).map(([dependency, range]) => `    asks for ${dependency} ${range}`),
  ]);
