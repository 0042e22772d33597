/** What a resolver found for a task, before it becomes locks: every row it reaches and what each of them got. */
import type { ThirdPartyAsks } from './asks.ts';
import type { Row } from './change.ts';
import type { Told } from './lock.ts';

export interface ResolvedRow {
  readonly row: Row;
  /** packl name → row; peers included */
  readonly packls: ReadonlyMap<string, Row>;
  readonly thirdParty: ThirdPartyAsks;
  /** what it adds to a lock: `lock.ts` makes it, once */
  told?: Told;
}

/** By `name@version`, the task included. */
export type Closure = ReadonlyMap<string, ResolvedRow>;

export const keyOf = ({ name, version }: { readonly name: string; readonly version: string }): string =>
  `${name}@${version}`;
