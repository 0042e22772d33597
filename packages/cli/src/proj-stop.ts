/** `pipl proj stop [PATH]` */
import { stopServer } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { projectAt } from './opening.ts';

export const command: DefineCommand = (into, context) =>
  into.argument('[path]', 'the project; else the one you stand in').action(async (path?: string) => {
    const project = await projectAt(context, path);
    const stopped = await stopServer(project);
    context.terminal.say(stopped, () => [
      stopped.stopped ? `${project.name} stopped` : `${project.name} was not running`,
    ]);
    if (stopped.forced) context.terminal.warn('The server did not end by itself and was killed.');
  });
