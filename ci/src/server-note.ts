/**
 * Where the servers of a project say that they listen: each in a note of its own, and whichever came or took over
 * last in one that others look for first (`@pipl/project`, and runners whose server is gone).
 */
import { mkdir, readdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { identityOf, isAlive, type ProcessIdentity } from '@pipl/openjd-sessions/process-identity';

export const lastNote = (dataDir: string): string => join(dataDir, 'run', 'server.json');
const notes = (dataDir: string): string => join(dataDir, 'run', 'servers');

let written = 0;

/** A server that takes over announces itself twice, perhaps at the same time: each writes a file of its own. */
async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const temp = `${file}.${process.pid}.${(written += 1)}.tmp`;
  try {
    await writeFile(temp, text);
    await rename(temp, file);
  } catch (error) {
    await rm(temp, { force: true });
    throw error;
  }
}

export async function announce(dataDir: string, url: string): Promise<void> {
  // A copy of the folder has this note too; it must not be taken for one of the copy.
  const system = await realpath(dataDir);
  const text = JSON.stringify({ ...identityOf(process.pid), url, system });
  await write(join(notes(dataDir), `${process.pid}.json`), text);
  await write(lastNote(dataDir), text);
}

type Note = Partial<ProcessIdentity>;
const read = async (file: string): Promise<{ text: string; note: Note }> => {
  const text = await readFile(file, 'utf8').catch(() => '{}');
  return { text, note: JSON.parse(text) as Note };
};

/** This server is no longer asked; another one that is there is. */
export async function withdraw(dataDir: string): Promise<void> {
  await rm(join(notes(dataDir), `${process.pid}.json`), { force: true });
  if ((await read(lastNote(dataDir))).note.pid !== process.pid) return;
  const names = await readdir(notes(dataDir)).catch(() => []);
  // Beside the notes lies what another server is writing at this moment, or could not write.
  for (const name of names.filter((one) => one.endsWith('.json'))) {
    const { text, note } = await read(join(notes(dataDir), name));
    if (note.pid === undefined || !isAlive(note as ProcessIdentity)) continue;
    await write(lastNote(dataDir), text);
    return;
  }
  await rm(lastNote(dataDir), { force: true });
}
