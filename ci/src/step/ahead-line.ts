/** The runs of a play that wait for a place, as an engine has them: who replaces one that was taken back stands where it stood. */
import type { Ticket } from '@pipl/packl';
import type { State } from './types.ts';

export function standInLine({ records }: State, waiting: Ticket[], ticket: Ticket): void {
  const { waitsSince } = ticket;
  const sinceOf = ({ attempt }: Ticket): string => {
    const run = records.runs.get(attempt);
    return run?.waitsSince ?? run?.submittedAt ?? '';
  };
  const at = waitsSince === undefined ? -1 : waiting.findIndex((one) => sinceOf(one) > waitsSince);
  waiting.splice(at < 0 ? waiting.length : at, 0, ticket);
}

/** @returns was it there? */
export function takeOut(list: { readonly attempt: string }[], attempt: string): boolean {
  const at = list.findIndex((one) => one.attempt === attempt);
  if (at >= 0) list.splice(at, 1);
  return at >= 0;
}

/** Of those that were there before the play, the one in whose place this attempt would run. */
export function replacedIn(
  { records }: State,
  attempt: string,
  before: ReadonlySet<string>,
): { readonly replaces?: string } {
  for (let run = records.runs.get(attempt); run?.previous !== undefined;) {
    run = records.runs.get(run.previous);
    if (run?.state !== 'superseded') return {};
    if (before.has(run.attempt)) return { replaces: run.attempt };
  }
  return {};
}
