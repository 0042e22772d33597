/** Waits for a run, and reads how it ended. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Studio } from '../studio.ts';

export interface Finished {
  readonly state: string;
  readonly reason?: string;
  readonly provenance: { readonly environment: unknown };
}

/** The result of the last run of a task, when it has ended. */
export async function finished(studio: Studio, task: string): Promise<Finished> {
  const runs = join(studio.project, 'system/runs');
  const deadline = Date.now() + 60_000;
  for (;;) {
    const found = existsSync(runs)
      ? readdirSync(runs)
          .map((name) => join(runs, name))
          .filter((folder) => existsSync(join(folder, 'result.json')))
          .filter((folder) => readFileSync(join(folder, 'ticket.json'), 'utf8').includes(`"${task}"`))
      : [];
    if (found.length > 0)
      return JSON.parse(readFileSync(join(found.at(-1)!, 'result.json'), 'utf8')) as Finished;
    if (Date.now() > deadline) throw new Error(`no run of ${task} ended`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
