/** Runs that are done again for a reason outside the project: which ones, in the words of who asks. */
import { piplError } from '@pipl/packl';
import type { RegistryClient, RerunAsk, RerunView } from '@pipl/registry-client';

export interface Rerun {
  /** number of a change, a time (ISO 8601), or how long ago: `30m`, `2h`, `3d` */
  readonly since?: string | undefined;
  readonly where?: string | undefined;
  readonly dryRun?: boolean | undefined;
  readonly force?: boolean | undefined;
}

const units = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const;

/** @param now milliseconds since 1970 @throws PIPL_SINCE */
export function sinceOf(written: string, now: number): Pick<RerunAsk, 'seq' | 'time'> {
  if (/^\d+$/.test(written)) return { seq: Number(written) };
  const [, count, unit] = /^(\d+)([smhdw])$/.exec(written) ?? [];
  const time =
    count === undefined
      ? Date.parse(written)
      : now - Number(count) * units[unit as keyof typeof units] * 1000;
  if (Number.isFinite(time)) return { time: new Date(time).toISOString() };
  throw piplError('usage', 'PIPL_SINCE', {
    what: `"${written}" is no time.`,
    why: 'It is the number of a change, a time like 2026-11-23T10:00, or how long ago: 30m, 2h, 3d.',
    hint: 'For example --since 2h.',
  });
}

/** @throws PIPL_SINCE PIPL_WHERE PIPL_RERUN_MANY */
export const rerun = (
  client: RegistryClient,
  { since, where, dryRun, force }: Rerun,
): Promise<{ readonly runs: readonly RerunView[]; readonly started: boolean }> =>
  client.rerun({
    ...(since === undefined ? {} : sinceOf(since, Date.now())),
    ...(where === undefined ? {} : { where }),
    dryRun: dryRun === true,
    force: force === true,
  });
