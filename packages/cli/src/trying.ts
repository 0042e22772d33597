/**
 * `--dry-run` of every command that writes.
 *
 * Some say what they would do in words of their own (`publish`, `promote`, …). The others are tried: they read, check
 * and decide as ever and are stopped at their first write, which is printed as it would have been made. A few cannot be
 * tried, and say why.
 */
import { piplError } from '@pipl/packl';
import { onlyTried } from '@pipl/project';
import type { Terminal } from './terminal.ts';

/** What a tried command prints with --json. */
export interface Tried {
  readonly dryRun: true;
  /** the first write; what follows may depend on what comes of it */
  readonly would: string;
}

/** Runs a command up to its first write. One that has nothing to write says what it always says. */
export async function tryIt(terminal: Terminal, run: () => Promise<void>): Promise<void> {
  const trial = await onlyTried(run);
  if (trial.is === 'done') return terminal.note('Nothing would be written.');
  const tried: Tried = { dryRun: true, would: trial.would };
  terminal.say(tried, ({ would }) => [`Would ${would}`]);
}

export const cannotTry = (words: string, why: string) =>
  piplError('usage', 'PIPL_NO_DRY_RUN', {
    what: `pipl ${words} cannot be tried.`,
    why,
    hint: 'Leave --dry-run out. `pipl help dry-run` lists what can be tried.',
  });
