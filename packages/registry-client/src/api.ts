/**
 * The words of the HTTP API: what a server of a project answers, as JSON.
 *
 * The registry and the reactor produce these shapes, everybody else reads them through {@link RegistryClient}.
 * Errors are `PiplError`s, the same ones the server threw; a server that cannot be reached is
 * `PIPL_SERVER_UNREACHABLE` (kind `unreachable`, exit status 8).
 */
import type { Change, IndexName, Manifest, Row, Verdict } from '@pipl/packl';
import type { PeopleClient } from './people-words.ts';
import type { OutletsClient } from './outlets.ts';
import type { UpkeepClient } from './upkeep.ts';

export interface ServerStatus {
  readonly project: string;
  readonly version: string;
  /** ISO 8601, UTC */
  readonly startedAt: string;
  /** seq of the last change, 0 when there is none */
  readonly head: number;
  readonly rootPasswordEmpty: boolean;
  /** the project's own index, where every user may publish */
  readonly common: IndexName;
}

export interface UserView {
  readonly name: string;
  readonly email?: string;
}

export interface IndexView extends IndexRights {
  readonly name: IndexName;
  /** nearest first */
  readonly bases: readonly IndexName[];
  readonly volatile: boolean;
  /** URL of the npm registry that a mirror index proxies */
  readonly mirror?: string;
  /** a mirror asks its upstream for these names only: `lodash`, `@types/*`; absent: for any */
  readonly allow?: readonly string[];
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

export interface PacklView {
  readonly name: string;
  /** the `kind` of the latest version's `pipl` field; absent for a plain npm package */
  readonly kind?: string;
  /** ascending */
  readonly versions: readonly string[];
  readonly latest?: string;
}

export interface TagRow {
  readonly index: IndexName;
  readonly name: string;
  readonly tag: string;
  readonly version: string;
}

export interface ReleasePackl {
  /** the `package.json` inside the tarball */
  readonly manifest: Manifest;
  /** `sha512-…` of the tarball */
  readonly integrity: string;
  readonly tarball: Uint8Array;
}

export interface ReleaseRequest {
  readonly index: IndexName;
  readonly packls: readonly ReleasePackl[];
  /** the attempt that made them; its token must be the one that asks */
  readonly run?: string;
}

export interface ReleaseResult {
  readonly published: readonly {
    readonly name: string;
    readonly version: string;
    readonly integrity: string;
    readonly seq: number;
  }[];
  /** same content as this version, so nothing was published */
  readonly unchanged: readonly { readonly name: string; readonly version: string }[];
  /** of the last change of the release */
  readonly seq: number;
}

export type RunStateName = 'waiting' | 'running' | 'succeeded' | 'unchanged' | 'failed' | 'canceled' | 'lost';

export interface RunView {
  readonly attempt: string;
  readonly runKey: string;
  readonly task: string;
  readonly taskVersion: string;
  readonly index: IndexName;
  readonly wave: number;
  readonly cause: { readonly seq: number; readonly name: string; readonly version: string };
  readonly because: readonly { readonly name: string; readonly from?: string; readonly to?: string }[];
  readonly state: RunStateName;
  /** 0 to 100 */
  readonly progress?: number;
  readonly message?: string;
  readonly submittedAt: string;
  readonly startedAt?: string;
  readonly firstActionAt?: string;
  readonly endedAt?: string;
  readonly reason?: string;
  readonly products: readonly {
    readonly name: string;
    readonly version: string;
    readonly published: boolean;
  }[];
}

export interface RunLog {
  /** NDJSON lines */
  readonly text: string;
  /** byte to ask for next */
  readonly next: number;
  readonly ended: boolean;
}

export interface WaveView {
  readonly id: number;
  readonly cause: { readonly seq: number; readonly name: string; readonly version: string };
  readonly state: 'open' | 'closed';
  readonly runs: readonly string[];
}

export interface Waves {
  readonly waves: readonly WaveView[];
  /** every change up to this seq has been reacted to, and its runs have ended */
  readonly settledThrough: number;
}

export interface Why {
  readonly lines: readonly string[];
  readonly data: unknown;
}

export interface Waiting {
  readonly signal?: AbortSignal;
}

/** One registry seen from outside. Every method throws `PiplError`. */
export interface RegistryClient extends OutletsClient, PeopleClient, UpkeepClient {
  /** without a slash at the end */
  readonly url: string;
  readonly token: string | undefined;
  /** The same registry, asked as somebody else. */
  withToken(token: string | undefined): RegistryClient;

  status(): Promise<ServerStatus>;
  /** `ownerKey` is what the project's `owner.key` holds: root's empty password needs it. */
  login(who: { user: string; password: string; ownerKey?: string }): Promise<{ token: string; user: string }>;
  users(): Promise<readonly UserView[]>;
  indexes(): Promise<readonly IndexView[]>;
  /** Creates or updates. */
  setIndex(name: IndexName, change: IndexSettings): Promise<IndexView>;
  /** `force`: although it holds versions for ever; recorded. */
  removeIndex(name: IndexName, how?: { force?: boolean; message?: string }): Promise<{ removed: number }>;
  groups(): Promise<readonly GroupView[]>;
  /** Creates or changes; the members are all there will be. */
  setGroup(name: string, members: readonly string[]): Promise<GroupView>;
  removeGroup(name: string): Promise<void>;

  packls(index: IndexName, options?: { inherited?: boolean }): Promise<readonly PacklView[]>;
  /** The view: own rows and those inherited from non-mirror bases, nearest first, withdrawn ones marked. */
  rows(index: IndexName, name?: string): Promise<{ rows: readonly Row[]; tags: readonly TagRow[] }>;
  /** Bytes that match `integrity`; without it, what the index says the integrity is. */
  tarball(
    index: IndexName,
    name: string,
    version: string,
    options?: { integrity?: string },
  ): Promise<Uint8Array>;

  /** `wait`: seconds to stay on the line when there is nothing after `since`. Ask again from `through`. */
  changes(
    ask: { since: number; limit?: number; wait?: number } & Waiting,
  ): Promise<{ changes: readonly Change[]; head: number; through?: number }>;
  /** Every change after `since`, for ever, over restarts of the server; ends when `signal` aborts. */
  follow(ask: { since: number } & Waiting): AsyncIterable<Change>;

  /** All or nothing. Not retried. */
  release(request: ReleaseRequest): Promise<ReleaseResult>;
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

  runs(ask?: { change?: number; wave?: number; task?: string; limit?: number }): Promise<readonly RunView[]>;
  run(attempt: string): Promise<RunView>;
  runLog(attempt: string, ask?: { from?: number; wait?: number } & Waiting): Promise<RunLog>;
  waves(ask?: { change?: number; limit?: number }): Promise<Waves>;
  tasks(): Promise<readonly unknown[]>;
  why(ask: { subject: string; index?: IndexName }): Promise<Why>;
  cancelRun(attempt: string): Promise<void>;
  retryTask(name: string): Promise<void>;
}
