/**
 * `runs` in `.pipl`: how many runs at once, how long one may take, and how long what it leaves is kept; and how
 * many are taken for a storm.
 *
 * ```jsonc
 * "runs": { "concurrency": 4, "timeout": 7200, "keep": { "days": 30, "failedDays": 90, "scratchDays": 7, "bytes": 20e9 } }
 * ```
 */
import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { defaultLimits } from './step/index.ts';

/** As long as the token of a run lives: one that took longer could not publish. */
const day = 24 * 60 * 60;

const Keep = z.strictObject({
  /** days for the log of a run that ended well */
  days: z.number().min(0).default(30),
  /** days for one that did not */
  failedDays: z.number().min(0).default(90),
  /** days for what a run that did not end well had been working on */
  scratchDays: z.number().min(0).default(7),
  /** runs, all together: the oldest go first, those that ended well before the others */
  count: z.number().int().min(0).default(20_000),
  /** bytes, all together, in the same order */
  bytes: z.number().int().min(0).default(50_000_000_000),
});

const Limits = z.strictObject({
  /** of one task, within an hour */
  startsInAnHour: z.number().int().min(1).default(defaultLimits.startsInAnHour),
  runsInAWave: z.number().int().min(1).default(defaultLimits.runsInAWave),
});

export const RunSettings = z.strictObject({
  /** runs at once on this machine; absent: one for each core */
  concurrency: z.number().int().min(1).max(1_000).default(availableParallelism()),
  /** seconds for a run whose task does not say */
  timeout: z.number().int().min(1).max(day).default(day),
  keep: Keep.prefault({}),
  /** beyond which the storm breaker pauses until somebody resumes */
  limits: Limits.prefault({}),
});

export type RunSettings = z.output<typeof RunSettings>;
export type Keep = z.output<typeof Keep>;
