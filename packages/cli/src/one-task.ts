/** What is said where a workspace holds more than the one task that it is for. */
import { crowdedTasks, packlsIn, workspacePath } from '@pipl/project';
import type { Context } from './context.ts';

export const oneTask = (tasks: readonly string[]): string =>
  `This workspace holds ${tasks.length} tasks (${tasks.join(', ')}): with one task a workspace, what is installed for each stays apart.`;

export async function warnOfTasks({ terminal, where }: Context, folder?: string): Promise<void> {
  const workspace = await workspacePath(folder === undefined ? where : { from: folder, env: {} });
  const tasks = workspace === undefined ? [] : crowdedTasks(await packlsIn(workspace));
  if (tasks.length > 0) terminal.warn(oneTask(tasks));
}
