/** `pipl proj status [PATH]` */
import { serverStatus } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { projectAt } from './opening.ts';

export const command: DefineCommand = (into, context) =>
  into.argument('[path]', 'the project; else the one you stand in').action(async (path?: string) => {
    const status = await serverStatus(await projectAt(context, path));
    context.terminal.say(status, ({ project, path: at, running, url, pid, startedAt, head }) => [
      `project  ${project} (${at})`,
      running
        ? `server   ${url}, process ${pid}, since ${startedAt}, change ${head}`
        : 'server   not running',
    ]);
    if (status.rootPasswordEmpty === true) {
      context.terminal.note("Root's password is empty. Set one: pipl proj user set root --password-stdin");
    }
  });
