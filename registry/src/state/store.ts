/** What the registry's operations work on, and the hook that others hang into a release. */
import type { Kysely } from 'kysely';
import type { IndexName, Row } from '@pipl/packl';
import type { Blobs } from '../blobs/blobs.ts';
import type { Feed } from '../feed/feed.ts';
import type { Keys } from '../signing/keys.ts';
import type { Principal } from '../people/principal.ts';
import type { Database } from './tables.ts';

export interface GuardQuestion {
  readonly index: IndexName;
  readonly principal: Principal;
  /** what would be published */
  readonly rows: readonly Row[];
  readonly run?: string;
}

/** Candidates that are not to be written, because `version` has the same content already. */
export interface GuardAnswer {
  readonly unchanged: readonly {
    readonly name: string;
    readonly version: string;
    readonly candidate: string;
  }[];
}

export interface ReleaseGuard {
  /**
   * Runs inside the transaction of a release, before anything is written.
   * @throws PiplError to refuse all of it
   */
  // eslint-disable-next-line typescript/no-explicit-any -- its tables are its own
  check(tx: Kysely<any>, question: GuardQuestion): Promise<GuardAnswer>;
}

export interface Store {
  readonly db: Database;
  readonly blobs: Blobs;
  readonly feed: Feed;
  /** sign every version that is written */
  readonly keys: Keys;
  /** sign what runs say of the making of their products */
  readonly provenance: Keys;
  /** a run's products are taken with provenance only */
  readonly demandsProvenance: boolean;
  /** After each commit that appended a change. */
  readonly rang: () => void;
  readonly now: () => Date;
  readonly guard: ReleaseGuard | undefined;
  /** the project's own index, where every user may publish unless it says otherwise */
  readonly common: IndexName;
}
