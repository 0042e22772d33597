/**
 * QA of a task: it runs in scratch, then its checks do: those of its type, which are steps of its job, and those
 * of the packl. What it makes goes nowhere.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CheckResult, Manifest, Ticket } from '@pipl/packl';
import { conclude, runChecks, timed } from './checks.ts';
import { variablesOf } from './handling.ts';
import type { Place } from './program.ts';
import { makeWorkspace } from './workspace.ts';

export interface TaskChecks {
  /** of the attempt */
  readonly folder: string;
  readonly ticket: Ticket;
  readonly work: string;
  readonly task: { readonly dir: string; readonly manifest: Manifest };
  readonly tree: string | undefined;
  /** slot → folder */
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
  readonly previous: Readonly<Record<string, string>>;
  readonly place: Place;
  /** Runs the job and looks whether everything is there that it makes. */
  readonly make: (place: Place) => Promise<unknown>;
}

/** @throws RunEnded */
export async function checkTask(asked: TaskChecks): Promise<void> {
  const { work, folder, task, tree, place, make, ticket } = asked;
  const of = `${task.manifest.name}@${task.manifest.version}`;
  const file = join(work, 'type-checks.ndjson');
  const variables = { ...place.variables, PIPL_CHECKS: file };
  const ran = await timed({ check: 'runs', of }, { ...place, variables }, make);
  const ofType = await typeChecks(file, of);
  // The step of the checks failed, not what was made: those who failed say it themselves.
  const onlyChecks = ofType.some(({ passed }) => !passed);
  const runs = onlyChecks ? { check: 'runs', of, passed: true, seconds: ran.seconds } : ran;
  const results = [runs, ...ofType];
  if (runs.passed) {
    const dir = await makeWorkspace({ dir: join(work, 'packl'), packl: task.dir, tree });
    const env = {
      ...(ticket.handling === undefined ? {} : variablesOf(ticket.handling)),
      ...folders('INPUT', asked.inputs),
      ...folders('OUTPUT', asked.outputs),
      ...folders('PREVIOUS', asked.previous),
    };
    results.push(...(await runChecks({ manifest: task.manifest, dir, work, env, place })));
  }
  await conclude(folder, results);
}

const folders = (word: string, all: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(all).map(([slot, folder]) => [`PIPL_${word}_${slot.replaceAll(/\W/g, '_')}`, folder]),
  );

/** What `pipl-step check` wrote, a line for each check. */
async function typeChecks(file: string, of: string): Promise<CheckResult[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return text.split('\n').flatMap((line) => {
    try {
      return [{ of, ...(JSON.parse(line) as Omit<CheckResult, 'of'>) }];
    } catch {
      // The end of the file, or a line that its writer did not live to finish.
      return [];
    }
  });
}
