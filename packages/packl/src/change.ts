/**
 * Rows of an index and the changes that made them: the two things the registry hands to everyone else.
 */
import type { Manifest } from './manifest.ts';
import type { IndexName } from './names.ts';
import type { ThirdPartyLock } from './third-party.ts';

/** One version of one packl in one index, as the resolver needs it. */
export interface Row {
  readonly index: IndexName;
  readonly name: string;
  readonly version: string;
  /** `sha512-…`, of the tarball */
  readonly integrity: string;
  readonly manifest: Manifest;
  /** What its third-party dependencies resolved to when it was published (`pipl-lock.json` in the tarball). */
  readonly thirdParty?: ThirdPartyLock;
  readonly deprecated?: string;
  readonly withdrawn?: boolean;
}

export type ChangeOp =
  | 'publish'
  | 'overwrite' // volatile index only
  | 'promote'
  | 'tag'
  | 'untag'
  | 'deprecate'
  | 'undeprecate'
  | 'withdraw'
  | 'index' // an index was made, changed or removed: name and version are ''
  | 'verdict' // a check or a person judged a version: nothing that the index shows changes
  | 'failed' // a task was given up: name and version are its own, `run` its last attempt
  | 'settled' // a wave has come to its end: name and version are those of the change that set it off
  | 'run'; // a run ended well: the last change of its release

/** One line of the feed. `seq` has no gaps for a reader and only grows. */
export interface Change {
  readonly seq: number;
  readonly index: IndexName;
  readonly op: ChangeOp;
  readonly name: string;
  readonly version: string;
  readonly integrity?: string;
  /** the tag of a tag change */
  readonly tag?: string;
  /** who asked: a user's name, or `run:<attempt>` */
  readonly by: string;
  /** ISO 8601, UTC */
  readonly at: string;
  /** `<run key>.<n>` when a run published it, or failed */
  readonly run?: string;
  /** op `run` only: what the run published and what came out as it was */
  readonly outcome?: RunOutcome;
  /** op `promote` only: where the version came from */
  readonly origin?: Origin;
  /** op `verdict` only */
  readonly verdict?: Verdict;
  /** op `settled` only */
  readonly wave?: WaveEnd;
  /** why, in the words of who asked: a withdrawal, the removal of an index; op `failed`: how the run ended */
  readonly message?: string;
}

/** Where a promoted version stood when it was promoted. Its bytes are the same: only the row is another. */
export interface Origin {
  readonly index: IndexName;
  /** of the change that brought it there */
  readonly seq: number;
  readonly integrity: string;
  /** who had published it there */
  readonly by: string;
  /** the handler of `index` with whose right it was promoted; absent: with the right of who asked */
  readonly handler?: string;
}

/** What a check found, or what a person thinks, of one version: of its content, wherever it stands. */
export type Verdict =
  | {
      readonly kind: 'check';
      /** name of the check */
      readonly check: string;
      readonly result: 'passed' | 'failed';
      /** the handler that reports it; absent: a person does */
      readonly handler?: string;
      /** the run that found out */
      readonly run?: string;
    }
  | { readonly kind: 'approval'; readonly result: 'approved' | 'retake' };

/** How a wave ended. */
export interface WaveEnd {
  /** as `pipl runs --wave` takes it */
  readonly id: number;
  /** how many of its runs ended in which state; one that was tried again counts each time */
  readonly runs: Readonly<Record<string, number>>;
}

export interface RunOutcome {
  readonly published: readonly {
    readonly name: string;
    readonly version: string;
    /** absent in what older servers wrote */
    readonly integrity?: string;
  }[];
  /** same content as `version`, so nothing was published */
  readonly unchanged: readonly { readonly name: string; readonly version: string }[];
}
