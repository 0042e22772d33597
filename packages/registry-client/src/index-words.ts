/** Indexes as the HTTP API tells them: who may use them, and what moves between them. */
import type { IndexName, Verdict } from '@pipl/packl';

export interface IndexView extends IndexRights {
  readonly name: IndexName;
  /** nearest first */
  readonly bases: readonly IndexName[];
  readonly volatile: boolean;
  /** URL of the npm registry that a mirror index proxies */
  readonly mirror?: string;
  /** a mirror asks its upstream for these names only: `lodash`, `@types/*`; absent: for any */
  readonly allow?: readonly string[];
  /** of a mirror: bytes that a document of its upstream may have, unpacked; absent: 128 MB */
  readonly largestDocument?: number;
  /** the mirror may stand on a private address: its URL came from this machine's own configuration */
  readonly near?: boolean;
  /** what a version needs before a person's publish gets into this index */
  readonly gate?: Gate;
  /** a volatile index only; absent: it keeps everything */
  readonly retention?: Retention;
}

/** A version stays while one of these holds for it. At least one is given. */
export interface Retention {
  /** it is among so many newest of its packl; at least 1 */
  readonly keep?: number;
  /** it is younger than so many days */
  readonly days?: number;
}

/**
 * Who may: names of users, `:group`, `:AUTHENTICATED:`, `:ANONYMOUS:`. The owner of an index and root always
 * may. Absent: everybody reads; publishing is for every user in the project's own index, for the owner
 * elsewhere; promoting into an index is for those who may publish there.
 */
export interface IndexRights {
  readonly read?: readonly string[];
  readonly publish?: readonly string[];
  readonly promote?: readonly string[];
  /** handlers that may promote into this index, for people who may not themselves */
  readonly handlers?: readonly HandlerGrant[];
}

/** As text `qa@alice/stage`: the handler `qa` of `alice/stage` may promote from there. */
export interface HandlerGrant {
  readonly handler: string;
  readonly from: IndexName;
}

/** As `.pipl` says it. An empty gate lets everything through, by promotion only. */
export interface Gate {
  /** names of the checks that must have passed; true: at least one, and all that reported */
  readonly checks?: true | readonly string[];
  /** whose approval counts: users or groups; absent: who may promote into the index */
  readonly approval?: readonly string[];
  /** one's own approval counts: for a person who works alone */
  readonly self?: true;
  /** how many different people must approve; default 1 when `approval` is given, else none */
  readonly approvals?: number;
}

export interface GateState {
  readonly open: boolean;
  /** what is missing, one line each, empty when open */
  readonly missing: readonly string[];
}

/** `null` takes a setting back to its default. */
export interface IndexSettings {
  readonly bases?: readonly IndexName[];
  readonly volatile?: boolean;
  /** only when the index is made: the URL of the npm registry it proxies */
  readonly mirror?: string;
  readonly allow?: readonly string[] | null;
  readonly read?: readonly string[] | null;
  readonly publish?: readonly string[] | null;
  readonly promote?: readonly string[] | null;
  readonly handlers?: readonly HandlerGrant[] | null;
  readonly retention?: Retention | null;
  readonly largestDocument?: number | null;
  /** fail when the index is there already */
  readonly fresh?: boolean;
}

export interface GroupView {
  readonly name: string;
  readonly members: readonly string[];
}

export interface PromoteRequest {
  readonly packls: readonly {
    readonly name: string;
    readonly version: string;
    /** absent: wherever one may read it; refused when other content goes by that version elsewhere */
    readonly from?: IndexName;
    /** refuses when the version has other content by now */
    readonly integrity?: string;
  }[];
  /** judges all of it and promotes nothing: the seqs are then those of the sources */
  readonly dryRun?: boolean;
}

export interface PromoteResult {
  readonly promoted: readonly {
    readonly name: string;
    readonly version: string;
    readonly integrity: string;
    readonly from: IndexName;
    readonly seq: number;
  }[];
  /** there already, with the same content */
  readonly already: readonly { readonly name: string; readonly version: string }[];
  /** of the last change, or the head when nothing changed */
  readonly seq: number;
}

export interface Place {
  readonly index: IndexName;
  readonly integrity: string;
  readonly by: string;
  /** ISO 8601, UTC */
  readonly at: string;
}

export interface VerdictRequest {
  readonly name: string;
  readonly version: string;
  readonly verdict: Verdict;
  readonly message?: string;
}

export interface VerdictView {
  readonly seq: number;
  /** where the version stood when it was judged */
  readonly index: IndexName;
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
  readonly verdict: Verdict;
  readonly by: string;
  readonly at: string;
  readonly message?: string;
}

/** A packl that asks for a version and would get something else without it, or nothing; or a product made from it. */
export interface Dependent {
  readonly index: IndexName;
  readonly name: string;
  readonly version: string;
  /** absent for a product */
  readonly range?: string;
  /** a product that a run made from it */
  readonly made?: boolean;
  /** the version it gets instead; absent: nothing satisfies it any longer */
  readonly instead?: string;
}

export interface IndexesClient {
  indexes(): Promise<readonly IndexView[]>;
  /** Creates or updates. */
  setIndex(name: IndexName, change: IndexSettings): Promise<IndexView>;
  /** `force`: although it holds versions for ever; recorded. */
  removeIndex(name: IndexName, how?: { force?: boolean; message?: string }): Promise<{ removed: number }>;
  groups(): Promise<readonly GroupView[]>;
  /** Creates or changes; the members are all there will be. */
  setGroup(name: string, members: readonly string[]): Promise<GroupView>;
  removeGroup(name: string): Promise<void>;

  /** An empty `message` takes a deprecation back. */
  deprecate(index: IndexName, what: { name: string; version: string; message: string }): Promise<void>;
  /** @returns what depended on it */
  withdraw(
    index: IndexName,
    what: { name: string; version: string; message?: string },
  ): Promise<{ dependents: readonly Dependent[] }>;
  /** What withdrawing would hit; changes nothing. */
  dependents(index: IndexName, what: { name: string; version: string }): Promise<readonly Dependent[]>;
  /** Same bytes, no copy, all or nothing. Asking again changes nothing. */
  promote(to: IndexName, request: PromoteRequest): Promise<PromoteResult>;
  /** What a check or a person thinks of a version that stands in this index. */
  judge(
    index: IndexName,
    request: VerdictRequest,
  ): Promise<{ seq: number; gates: Readonly<Record<string, GateState>> }>;
  /** The indexes in which a version stands, those that one may read, oldest first. */
  places(what: { name: string; version: string }): Promise<readonly Place[]>;
  verdicts(index: IndexName, what: { name: string; version: string }): Promise<readonly VerdictView[]>;
}
