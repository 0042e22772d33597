/**
 * The words of the HTTP API: what a server of a project answers, as JSON.
 *
 * The registry and the reactor produce these shapes, everybody else reads them through {@link RegistryClient}.
 * Errors are `PiplError`s, the same ones the server threw; a server that cannot be reached is
 * `PIPL_SERVER_UNREACHABLE` (kind `unreachable`, exit status 8).
 */
import type { Change, IndexName, Manifest, ReusedPoints, Row } from '@pipl/packl';
import type { HandlersClient } from './handlers.ts';
import type { IndexesClient } from './index-words.ts';
import type { PausesClient } from './pause-words.ts';
import type { PeopleClient } from './people-words.ts';
import type { ProvenanceClient } from './provenance-words.ts';
import type { RerunClient } from './rerun-words.ts';
import type { OutletsClient } from './outlets.ts';
import type { Plan, PlanRequest } from './plan-words.ts';
import type { ResolvedView, RunRecordView } from './record-words.ts';
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
  /** everything is checked and nothing is written: the seqs of the answer are then that of the last change */
  readonly dryRun?: boolean;
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

export type RunStateName =
  | 'waiting'
  | 'running'
  | 'succeeded'
  | 'unchanged'
  | 'failed'
  | 'canceled'
  | 'lost'
  /** taken back before it began: another run takes its place */
  | 'superseded';

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
  /** of a handler; absent: a wave runs the task */
  readonly purpose?: 'qa' | 'command' | 'job' | 'module';
  readonly handler?: string;
  /** 0 to 100 */
  readonly progress?: number;
  readonly message?: string;
  /** points that came from earlier runs, by step */
  readonly reused?: readonly ReusedPoints[];
  readonly submittedAt: string;
  readonly startedAt?: string;
  readonly firstActionAt?: string;
  readonly endedAt?: string;
  readonly reason?: string;
  /** of one that was superseded: the attempt that took its place */
  readonly replacedBy?: string;
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

export interface WhyAsk {
  readonly subject: string;
  readonly index?: IndexName;
  /** why the subject, a task, did or did not do something with this packl or change */
  readonly about?: string;
  /** as it was: the number of a change, or a time */
  readonly at?: string;
}

export interface Waiting {
  readonly signal?: AbortSignal;
}

/** What went, and what is left. */
export interface TidiedRuns {
  /** logs and all */
  readonly runs: number;
  /** of which only went what they had worked on */
  readonly scratch: number;
  readonly bytes: number;
  readonly keptRuns: number;
  readonly keptBytes: number;
  /** known points that no run vouches for any more */
  readonly points: number;
}

/** One registry seen from outside. Every method throws `PiplError`. */
export interface RegistryClient
  extends
    HandlersClient,
    IndexesClient,
    OutletsClient,
    PausesClient,
    PeopleClient,
    ProvenanceClient,
    RerunClient,
    UpkeepClient {
  /** without a slash at the end */
  readonly url: string;
  readonly token: string | undefined;
  /** The same registry, asked as somebody else. */
  withToken(token: string | undefined): RegistryClient;

  status(): Promise<ServerStatus>;
  /**
   * `ownerKey` is what the project's `owner.key` holds: root's empty password needs it. `brief`: for one command,
   * nobody keeps the token, so it ends by itself.
   */
  login(who: {
    user: string;
    password: string;
    ownerKey?: string;
    brief?: boolean;
  }): Promise<{ token: string; user: string }>;
  users(): Promise<readonly UserView[]>;
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

  runs(ask?: {
    change?: number;
    wave?: number;
    task?: string;
    state?: RunStateName;
    limit?: number;
  }): Promise<readonly RunView[]>;
  run(attempt: string): Promise<RunView>;
  /** Everything that is kept of it for good. */
  runRecord(attempt: string): Promise<RunRecordView>;
  runLog(attempt: string, ask?: { from?: number; wait?: number } & Waiting): Promise<RunLog>;
  waves(ask?: { change?: number; limit?: number }): Promise<Waves>;
  /** What would follow. Nothing is written. */
  plan(ask: PlanRequest): Promise<Plan>;
  tasks(): Promise<readonly unknown[]>;
  why(ask: WhyAsk): Promise<Why>;
  /** @param ask.at the number of a change, or a time */
  resolve(ask: { spec: string; index: IndexName; at?: string }): Promise<ResolvedView>;
  /** Removes what is kept of old runs on the server's disk; root's business. */
  tidyRuns(how?: { dryRun?: boolean }): Promise<TidiedRuns>;
  cancelRun(attempt: string): Promise<void>;
  retryTask(name: string): Promise<void>;
}
