/** The project one stands in and a client of its server: to read, or to write as whoever asks. */
import { resolve } from 'node:path';
import { findProject, reader, writer, writerAs } from '@pipl/project';
import type { Context, Open } from './context.ts';

export const pathFrom = ({ where }: Context, path: string): string => resolve(where.from, path);

export async function openToRead(context: Context, path?: string): Promise<Open> {
  const project = await projectAt(context, path);
  return { project, client: await reader(project) };
}

export async function openToWrite(context: Context, path?: string): Promise<Open> {
  const project = await projectAt(context, path);
  // `status`, `proj start` and `doctor` say that root's password is empty: not every command has to.
  const { verbose, note } = context.terminal;
  return { project, client: await writer(project, (line) => verbose === true && note(line)) };
}

/** The original's way: root's password as an argument. */
export const openAsRoot = (context: Context, password: string, path?: string): Promise<Open> =>
  openWithPassword(context, { user: 'root', password, path });

/** A password as an argument, for one command. */
export async function openWithPassword(
  context: Context,
  { path, ...who }: { user: string; password: string; path?: string | undefined },
): Promise<Open> {
  context.terminal.warn(
    'A password as an argument is visible to other users and stays in the history: use `pipl login`.',
  );
  const project = await projectAt(context, path);
  return { project, client: await writerAs(project, who) };
}

/** A path on the command line names the project itself, whatever PIPL_PROJECT says. */
export const projectAt = (context: Context, path?: string) =>
  path === undefined ? findProject(context.where) : findProject({ from: pathFrom(context, path), env: {} });
