/** `pipl proj upgrade`: a newer `@pipl/pipe` in an old project. Tasks whose resolve it changes run again. */
import { frameworkOf, upgradeFramework } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { pipeTarball } from './house.ts';
import { openToRead, openToWrite } from './opening.ts';

export const command: DefineCommand = (into, context) =>
  into
    .argument('[path]', 'the project; else the one you stand in')
    .option('-n, --dry-run', 'only say what would be published')
    .action(async (path: string | undefined, { dryRun }: { dryRun?: true }) => {
      const asked = { tarball: pipeTarball() };
      const done =
        dryRun === true
          ? await openToRead(context, path).then(async ({ project, client }) => ({
              ...(await frameworkOf(client, { ...asked, project })),
              published: false,
            }))
          : await openToWrite(context, path).then(({ project, client }) =>
              upgradeFramework(client, { ...asked, project }),
            );
      context.terminal.say(done, ({ has = 'none', brings, newer, published }) => [
        newer
          ? `${published ? 'Published' : 'Would publish'} @pipl/pipe ${brings} (was ${has})`
          : `@pipl/pipe ${has} is no older than ${brings}`,
      ]);
    });
