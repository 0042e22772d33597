/** `pipl proj status [PATH]` */
import { reader, serverStatus } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { handlerLine } from './handler-lines.ts';
import { projectAt } from './opening.ts';

export const command: DefineCommand = (into, context) =>
  into.argument('[path]', 'the project; else the one you stand in').action(async (path?: string) => {
    const found = await projectAt(context, path);
    const status = await serverStatus(found);
    const handlers = status.running ? await (await reader(found)).handlers() : [];
    context.terminal.say(
      { ...status, handlers },
      ({ project, path: at, running, url, pid, startedAt, head }) => [
        `project  ${project} (${at})`,
        running
          ? `server   ${url}, process ${pid}, since ${startedAt?.slice(0, 16).replace('T', ' ')} UTC, last change ${head}`
          : 'server   not running',
        ...handlers.map((one) => `handler  ${handlerLine(one).replaceAll('\t', '  ')}`),
      ],
    );
    if (status.rootPasswordEmpty === true) {
      context.terminal.note("Root's password is empty. Set one: pipl proj user set root --password-stdin");
    }
  });
