/**
 * Which servers of a project run on this machine: each writes a note once it listens. On PostgreSQL a project may have
 * several, and a copy of its folder has its own: a note that was copied along says nothing about the copy.
 */
import { readdir, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive } from '@pipl/openjd-sessions/process-identity';
import { z } from 'zod';
import { readJson } from './atomic-file.ts';
import type { Project } from './project-file.ts';

const Note = z.looseObject({
  pid: z.number().int(),
  // absent where there is no /proc
  startTime: z.union([z.string(), z.number()]).default(''),
  url: z.string(),
  version: z.string().optional(),
  /** of whose folder `system` it is; servers of before did not say */
  system: z.string().optional(),
});
export type RunningServer = z.output<typeof Note>;

/** Of the server that came last, or took over last. */
const lastNote = (system: string): string => join(system, 'run', 'server.json');
const notesFolder = (system: string): string => join(system, 'run', 'servers');
export const noteOf = (system: string, pid: number): string => join(notesFolder(system), `${pid}.json`);

/** What the note says, if there is one to be read. */
export async function readNote(file: string): Promise<RunningServer | undefined> {
  const noted = Note.safeParse(await readJson(file).catch(() => undefined));
  return noted.success ? noted.data : undefined;
}

/**
 * The one that came last first. Notes of the dead are removed; the last one's stays, since a server that starts at
 * this moment may have replaced it since it was read.
 */
export async function runningServers({ system }: Pick<Project, 'system'>): Promise<RunningServer[]> {
  const here = await realpath(system).catch(() => system);
  const names = await readdir(notesFolder(system)).catch(() => []);
  // Beside the notes lies what a server is writing at this moment, which is nobody else's.
  const notes = names.filter((name) => name.endsWith('.json'));
  const running = new Map<number, RunningServer>();
  for (const file of [lastNote(system), ...notes.map((name) => join(notesFolder(system), name))]) {
    const note = await readNote(file);
    const isOurs = note !== undefined && isAlive(note) && (note.system ?? here) === here;
    if (isOurs && !running.has(note.pid)) running.set(note.pid, note);
    if (!isOurs && file !== lastNote(system)) await rm(file, { force: true });
  }
  return [...running.values()];
}
