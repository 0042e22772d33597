/** What is said where a workspace holds more than the one task that it is for. */
import { crowdedTasks, packlsIn, workspacePath } from '@pipl/project';
import type { Context } from './context.ts';

const mostNamed = 3;

export function oneTask(tasks: readonly string[]): string {
  const more = tasks.length > mostNamed ? ', …' : '';
  return `This workspace holds ${tasks.length} tasks (${tasks.slice(0, mostNamed).join(', ')}${more}): with one task a workspace, what is installed for each stays apart.`;
}

export async function warnOfTasks({ terminal, where }: Context, folder?: string): Promise<void> {
  const workspace = await workspacePath(folder === undefined ? where : { from: folder, env: {} });
  const tasks = workspace === undefined ? [] : crowdedTasks(await packlsIn(workspace));
  if (tasks.length > 0) terminal.warn(oneTask(tasks));
}
