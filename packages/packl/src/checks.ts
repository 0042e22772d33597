/**
 * Checks of a packl, and what a QA run says about them.
 *
 * A check is a program: exit code 0 means that it passed. It is told where everything is by its environment
 * (`PIPL_PACKL`, `PIPL_CONTEXT`, `PIPL_REPORT`, …; the README of `@pipl/runner` lists them) and starts in the
 * unpacked packl.
 */
import { z } from 'zod';
import { once } from './once.ts';

/** As gates name them, too. */
export const checkName = /^[A-Za-z0-9][\w .:/-]{0,99}$/;

/** An argv, or a script of `scripts`, each with the seconds that it may take. */
const Check = once(() => {
  const argument = z
    .string()
    .refine((text) => !text.includes('{{'), 'must not hold {{: it would be taken for a format string');
  const timeout = z.number().int().min(1).optional();
  const argv = z.tuple([argument.min(1)], argument);
  return z.union([
    argv,
    z.strictObject({ command: argv, timeout }),
    z.strictObject({ script: z.string().min(1), timeout }),
  ]);
});
export type Check = z.output<ReturnType<typeof Check>>;

export const Checks = once(() => z.record(z.string().regex(checkName, 'is no name of a check'), Check()));
export type Checks = z.output<ReturnType<typeof Checks>>;

/** What one check found. */
export interface CheckResult {
  /** `installs`, `resolves` and `runs` are pipl's own */
  readonly check: string;
  /** `name@version` of what was checked: the version in question, or a task downstream of it */
  readonly of: string;
  readonly passed: boolean;
  readonly seconds: number;
  readonly message?: string;
  /** what the check measured, by name */
  readonly figures?: Readonly<Record<string, number | string>>;
  /** the last lines it printed */
  readonly log?: readonly string[];
}

/** What a run for QA leaves: `checks.json` in its folder. */
export interface QaReport {
  readonly checks: readonly CheckResult[];
}
