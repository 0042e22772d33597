/** A soak removes what it made, unless something was lost or broke: then the project's folder stays, to look into. */
import { spawnSync } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

export type Lost = Readonly<Record<string, number>>;

/** @param path of the project's folder */
export async function withEvidence<Result extends { readonly lost: Lost }>(
  path: string,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    const result = await work();
    if (Object.values(result.lost).some((count) => count > 0)) await keep(path, JSON.stringify(result.lost));
    return result;
  } catch (error) {
    await keep(path, String(error));
    throw error;
  }
}

async function keep(path: string, why: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'pipl-soak-lost-'));
  // Files come and go while the server lives: the program copies what is there, and says what it missed.
  spawnSync('cp', ['-a', path, folder], { stdio: ['ignore', 'ignore', 'inherit'] });
  process.stderr.write(`${why}: kept as ${join(folder, basename(path))}\n`);
}

/** It takes minutes: whoever looks on sees how far it is, and what was lost so far. */
export type OnKills = (tried: Lost, lost: Lost) => void;

export function addUp(into: Record<string, number>, some: Lost): void {
  for (const [what, count] of Object.entries(some)) into[what] = (into[what] ?? 0) + count;
}
