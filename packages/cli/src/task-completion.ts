/** What only the type of a new task can say: which products it makes, which commands it has. */
import { PiplError } from '@pipl/packl';
import { completeTask, findWorkspace, installWorkspace, workspacePath } from '@pipl/project';
import type { Context, Open } from './context.ts';

/** Which products a task makes, only its type can say, and only where it is installed. */
export async function completed(
  { terminal }: Context,
  { project, folder }: { project: Open['project']; folder: string },
): Promise<void> {
  if ((await workspacePath({ from: folder })) === undefined) return;
  try {
    await installWorkspace(project, await findWorkspace({ from: folder }));
    const { products } = await completeTask(folder);
    for (const [slot, name] of Object.entries(products)) terminal.note(`It makes ${name} (${slot}).`);
  } catch (error) {
    if (!(error instanceof PiplError)) throw error;
    terminal.warn(`Its products are not named yet: ${error.message} ${error.hint ?? ''}`);
  }
}
