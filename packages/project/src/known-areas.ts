/**
 * The workareas that this person made, by project: they may stand anywhere, and only they know their project. Kept in
 * `~/.config/pipl/workareas.json`; one that is gone is forgotten.
 */
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { asPiplError, jsonText, readJson, writeWhole } from './atomic-file.ts';
import { authFile } from './credentials.ts';
import { exists } from './places.ts';
import type { Project } from './project-file.ts';

const AreasFile = z.object({ areas: z.record(z.string(), z.array(z.string())).default({}) });

const areasFile = (): string => join(dirname(authFile()), 'workareas.json');

/** Absolute paths: the default one first, then those made elsewhere that are still there. */
export async function knownAreas(project: Project): Promise<readonly string[]> {
  const usual = project.url === undefined ? [join(project.path, 'workspaces')] : [project.path];
  const noted = (await readAreas())[project.id] ?? [];
  const found: string[] = [];
  for (const path of new Set([...usual, ...noted]))
    if (await exists(join(path, '.workarea'))) found.push(path);
  return found;
}

/** @param id of the project */
export async function noteArea(id: string, path: string): Promise<void> {
  const areas = await readAreas();
  const kept: string[] = [];
  for (const known of areas[id] ?? []) if (await exists(join(known, '.workarea'))) kept.push(known);
  const file = areasFile();
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw asPiplError(error, file);
  }
  await writeWhole(file, jsonText({ areas: { ...areas, [id]: [...new Set([...kept, path])] } }));
}

async function readAreas(): Promise<Readonly<Record<string, readonly string[]>>> {
  const parsed = AreasFile.safeParse((await readJson(areasFile())) ?? {});
  return parsed.success ? parsed.data.areas : {};
}
