/** What a volatile index keeps, as a rule: read from a request, applied to versions, said in words. Pure. */
import { piplError } from '@pipl/packl';
import type { Retention } from '@pipl/registry-client';

/** One version, as the policy sees it. */
export interface Aged {
  readonly name: string;
  readonly version: string;
  readonly seq: number;
  /** ISO 8601 */
  readonly at: string;
}

const day = 24 * 60 * 60_000;

/** Those that the policy lets go: neither among the newest of their packl nor young enough. */
export function beyond<T extends Aged>(versions: readonly T[], { keep, days }: Retention, now: Date): T[] {
  const oldest = new Date(now.getTime() - (days ?? 0) * day).toISOString();
  return [...Map.groupBy(versions, ({ name }) => name).values()].flatMap((own) =>
    own
      .toSorted((one, other) => other.seq - one.seq)
      .filter((version, place) => place >= (keep ?? 0) && (days === undefined || version.at < oldest)),
  );
}

const isCount = (value: unknown, least: number): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= least;

/** @throws PIPL_INDEX */
export function retentionIn(value: unknown): Retention | null | undefined {
  if (value === undefined || value === null) return value;
  const { keep, days, ...others } = value as { keep?: unknown; days?: unknown };
  const isWhole =
    (keep === undefined || isCount(keep, 1)) &&
    (days === undefined || isCount(days, 0)) &&
    (keep !== undefined || days !== undefined);
  if (isWhole && Object.keys(others).length === 0) {
    return { ...(keep === undefined ? {} : { keep }), ...(days === undefined ? {} : { days }) };
  }
  throw piplError('invalid', 'PIPL_INDEX', {
    what: 'This is no rule of what to keep.',
    why: `It is ${JSON.stringify(value).slice(0, 120)}.`,
    hint: 'For example {"keep": 5} for the newest five of each packl, {"days": 30}, or both.',
  });
}

export const inWords = ({ keep, days }: Retention): string =>
  [
    ...(keep === undefined ? [] : [`the index keeps the newest ${keep} of each packl`]),
    ...(days === undefined ? [] : [`what is younger than ${days} days`]),
  ].join(' and ');
