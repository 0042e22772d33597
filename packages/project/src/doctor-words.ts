/** What a check of {@link examine} finds, and what it is given. */
import { PiplError } from '@pipl/packl';
import type { Where } from './places.ts';

export interface Finding {
  /** what was looked at, for example `owner key` */
  readonly check: string;
  readonly state: 'ok' | 'warning' | 'problem';
  readonly what: string;
  /** the command, or what to do */
  readonly fix?: string;
  /** what was done about it */
  readonly done?: string;
}

export interface Examined {
  readonly where: Where;
  readonly fix: boolean;
  /** file of the `@pipl/pipe` that this pipl brings */
  readonly tarball: () => string;
}

export interface Check {
  readonly check: string;
  run(): Promise<readonly Omit<Finding, 'check'>[]>;
}

export const ok = (what: string): Omit<Finding, 'check'>[] => [{ state: 'ok', what }];

export function asProblem(error: unknown): Omit<Finding, 'check'> {
  if (!(error instanceof PiplError)) throw error;
  const what = error.why === undefined ? error.message : `${error.message} ${error.why}`;
  return { state: 'problem', what, ...(error.hint === undefined ? {} : { fix: error.hint }) };
}
