/** `pipl asset migrate [NAME…]`: assets written anew as their types want them now. */
import { findPackl, findProject, migrateAssets } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { bytes } from './sizes.ts';

export const command: DefineCommand = (into, context) =>
  into.argument('[names...]', 'these assets; else all').action(async (names: readonly string[]) => {
    const folder = await findPackl(context.where);
    const project = await findProject(context.where);
    const migrated = await migrateAssets({ project, folder }, names.length === 0 ? undefined : names);
    context.terminal.say(migrated, () =>
      migrated.map(({ asset, by, now }) =>
        now === undefined
          ? `${asset}: nothing to do, says ${by}`
          : `${asset}: ${bytes(now.size)}, ${now.digest.slice(0, 19)}, by ${by}`,
      ),
    );
  });
