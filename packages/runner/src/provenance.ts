/** What made the products of a run, exactly enough to make them again. Kept in `result.json`. */
import type { Pin } from '@pipl/packl';

export interface Provenance {
  readonly task: Pin;
  readonly codeLock: string;
  /** sha256 of the job template, canonical JSON */
  readonly template?: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** with the content that was checked out */
  readonly inputs: readonly (Pin & { slot: string; assets: Readonly<Record<string, string>> })[];
  /** asset → digest, by product */
  readonly products: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly node: string;
  readonly platform: string;
}
