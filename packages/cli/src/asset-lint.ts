/** `pipl asset lint [NAME…]`: what the types of its assets find wrong with them. */
import { findPackl, findProject, lintAssets, lintFailed, readPackl } from '@pipl/project';
import type { DefineCommand } from './context.ts';

export const command: DefineCommand = (into, context) =>
  into.argument('[names...]', 'these assets; else all').action(async (names: readonly string[]) => {
    const folder = await findPackl(context.where);
    const project = await findProject(context.where);
    const linted = await lintAssets({ project, folder }, names.length === 0 ? undefined : names);
    const bad = linted.find(({ problems = [] }) => problems.length > 0);
    if (bad !== undefined) {
      const { manifest } = await readPackl(folder);
      throw lintFailed(`${manifest.name}.${bad.asset}`, bad.by, bad.problems ?? []);
    }
    context.terminal.say(linted, () =>
      linted.map(({ asset, by, problems }) =>
        problems === undefined ? `${asset}: its type in ${by} has no lint` : `${asset}: right, says ${by}`,
      ),
    );
  });
