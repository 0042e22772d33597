/**
 * The words of the reactor's decisions: what it knows, what it hears, what it asks for.
 *
 * Everything here is plain JSON in maps. A `State` has two halves: the *projection*, which the registry can
 * always give again, and the *records*, which the shell keeps, one row each. A `Write` names one of either;
 * {@link isRecordWrite} tells which of them must be kept. Times are ISO 8601 in UTC and come from outside.
 */
import type {
  Change,
  IndexName,
  IndexShape,
  Pin,
  Row,
  RunOutcome,
  RunState,
  TagRow,
  Ticket,
  TicketInput,
  TicketProduct,
} from '@pipl/packl';
import type { HeldRecord } from './held-record.ts';
import type { Superseding } from './superseding.ts';
import type { Pause, Paused } from './pause-record.ts';
import type { RunStateName, TaskStatus } from './status.ts';
import type { Projection } from './projection.ts';

export interface State {
  readonly projection: Projection;
  readonly records: Records;
}

/** One map for each table of records, by key. */
export type Records = { readonly [Table in RecordTable]: ReadonlyMap<string, RecordOf[Table]> };

export interface RecordOf {
  /** by {@link taskKey} */
  readonly tasks: TaskRecord;
  /** by attempt */
  readonly runs: RunRecord;
  /** what an attempt that has not ended was submitted with, by attempt */
  readonly tickets: Ticket;
  /** by wave id */
  readonly waves: WaveRecord;
  /** whom a change woke, by {@link wokenKey} */
  readonly woken: WokenRecord;
  /** by {@link versionKey}; gone when the attempt ends */
  readonly reservations: ReservationRecord;
  /** what a cut wave must not see yet, by {@link heldKey} */
  readonly held: HeldRecord;
  /** one record, key `reactor` */
  readonly meta: MetaRecord;
}

export const recordTables = [
  'tasks',
  'runs',
  'tickets',
  'waves',
  'woken',
  'reservations',
  'held',
  'meta',
] as const;
export type RecordTable = (typeof recordTables)[number];

/** A record to keep (value undefined: to delete). */
export type RecordWrite = {
  readonly [Table in RecordTable]: {
    readonly table: Table;
    readonly key: string;
    readonly value: RecordOf[Table] | undefined;
    /** what it was */ readonly before?: RecordOf[Table] | undefined;
  };
}[RecordTable];

/** A change of the projection: never kept, the registry has it. */
export type ProjectionWrite =
  | { readonly table: 'rows'; readonly key: string; readonly value: Row | undefined }
  | { readonly table: 'tags'; readonly key: string; readonly value: TagRow | undefined }
  | { readonly table: 'indexes'; readonly key: string; readonly value: readonly IndexShape[] };

export type Write = RecordWrite | ProjectionWrite;

export const isRecordWrite = (write: Write): write is RecordWrite =>
  write.table !== 'rows' && write.table !== 'tags' && write.table !== 'indexes';

/** A record as the shell kept it. */
export interface StoredRecord {
  readonly table: string;
  readonly key: string;
  readonly value: unknown;
}

export type Input =
  | {
      readonly is: 'change';
      readonly change: Change;
      /** the row that the change is about, as it is now */
      readonly row?: Row;
      /** op `index` only: every index as it is now */
      readonly indexes?: readonly IndexShape[];
      /** when the change was made */
      readonly at: string;
    }
  | { readonly is: 'run-started'; readonly attempt: string; readonly at: string }
  /** Read the feed to its head before: success is told there, and should not be overtaken by a loss. */
  | { readonly is: 'run-ended'; readonly attempt: string; readonly end: RunState; readonly at: string }
  /** Lets a failed or cancelled task try the same inputs again; in every index when none is named. */
  | { readonly is: 'retry'; readonly task: string; readonly index?: IndexName; readonly at: string }
  /** Does again what has a result, with the inputs that the lock names; all of them in one wave. */
  | {
      readonly is: 'again';
      readonly tasks: readonly { readonly task: string; readonly index: IndexName; readonly lock: string }[];
      readonly at: string;
    }
  | { readonly is: 'cancel'; readonly attempt: string; readonly at: string }
  | { readonly is: 'pause'; readonly pause: Pause; readonly at: string }
  /** Of this, and of a task that is named alone in whatever index; what else is paused stays so. */
  | { readonly is: 'resume'; readonly what: Paused; readonly by: string; readonly at: string }
  | { readonly is: 'tick'; readonly at: string }
  /** The server started: what the engines still know of the attempts that {@link State} says are under way. */
  | { readonly is: 'started'; readonly attempts: Readonly<Record<string, RunState>>; readonly at: string };

export type Effect =
  /** submitting an attempt again starts nothing */
  | { readonly do: 'submit'; readonly ticket: Ticket }
  | { readonly do: 'cancel'; readonly attempt: string }
  /** unless it has begun: the engine tells which of the two */
  | { readonly do: 'take-back'; readonly attempt: string }
  /** end the attempt's tokens */
  | { readonly do: 'revoke'; readonly attempt: string }
  /** send a `tick` at this time or later */
  | { readonly do: 'wake'; readonly at: string }
  /** what was submitted and has not started waits, or does not any more */
  | { readonly do: 'hold'; readonly held: boolean };

export interface Decision {
  readonly writes: readonly Write[];
  readonly effects: readonly Effect[];
}

/** What set a wave off, or brought an input. */
export type Cause =
  | {
      readonly is: 'change';
      readonly seq: number;
      readonly op: Change['op'];
      readonly index: IndexName;
      readonly name: string;
      readonly version: string;
      /** a user's name, or `run:<attempt>` */
      readonly by: string;
      readonly at: string;
    }
  | { readonly is: 'retry'; readonly task: string; readonly at: string }
  /** the time came that its policy names */
  | { readonly is: 'schedule'; readonly task: string; readonly at: string }
  /** somebody lets go what was paused */
  | { readonly is: 'resume'; readonly by: string; readonly at: string }
  | { readonly is: 'started'; readonly at: string };

export interface TaskRecord {
  /** whose handler runs it */
  readonly index: IndexName;
  readonly name: string;
  /** its current version in the view; undefined while it has none */
  readonly version?: string;
  readonly status: TaskStatus;
  /** what its inputs resolve to now: hash of the run lock, or undefined while something is missing */
  readonly lock?: string;
  /** the attempt under way */
  readonly attempt?: string;
  /** the last inputs it has a result for, and the attempt that made it */
  readonly success?: { readonly lock: string; readonly attempt: string };
  /** inputs that failed, each with its last attempt: not tried again without a retry */
  readonly failed: Readonly<Record<string, string>>;
  /** attempts at one lock, until it succeeds */
  readonly tries?: {
    readonly lock: string;
    /** the task's own fault */
    readonly failed: number;
    /** the machinery's fault */
    readonly lost: number;
    /** not started again before */
    readonly notBefore?: string;
  };
  /** these inputs are run again though they have a result: somebody asked */
  readonly again?: string;
  /** its inputs have rested since the change of this time, as its debounce wants */
  readonly rested?: string;
  /** what changed its inputs since its last run started */
  readonly woken: readonly Cause[];
  /** the last attempt that was started */
  readonly last?: string;
  /** runs that were started since then, of an hour at most */
  readonly pace?: { readonly since: string; readonly starts: number };
  /** its part in the last wave that it ran in */ readonly inWave?: {
    readonly wave: string;
    /** how many different inputs it was started with */ readonly starts: number;
    /** its runs that went stale */ readonly laps: readonly string[];
  };
}

/** What one run needs to be told apart and explained, for ever. A superset of the HTTP API's RunView. */
export interface RunRecord {
  readonly attempt: string;
  readonly runKey: string;
  readonly index: IndexName;
  readonly task: string;
  readonly taskVersion: string;
  readonly wave: string;
  readonly cause: Cause;
  /** what differs from the task's last result; all of it when there is none */
  readonly because: readonly Because[];
  readonly state: RunStateName;
  /** its inputs are no longer those that the task resolves to now */
  readonly stale: boolean;
  /** enough of the lock to reserve the next version and to see an input withdrawn */
  readonly lock: {
    readonly hash: string;
    readonly task: Pin;
    readonly direct: Readonly<Record<string, string>>;
    /** `name@version` → integrity, the whole closure */
    readonly pins: Readonly<Record<string, string>>;
  };
  /** what its task made last, of one that asks for it; in no lock */ readonly builtOn?: readonly TicketInput[];
  /** nothing ran: it shows what this attempt made there */ readonly reference?: {
    readonly index: IndexName;
    readonly attempt: string;
  };
  readonly products: readonly TicketProduct[];
  /** the attempt that the task started before this one */
  readonly previous?: string;
  /** it is to be taken back, or was, unless it had begun */ readonly superseding?: Superseding;
  /** it took the place of one that was taken back: since when that one waited */ readonly waitsSince?: string;
  /** the attempt that took its place */ readonly replacedBy?: string;
  readonly submittedAt: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly reason?: string;
  readonly outcome?: RunOutcome;
}

export interface Because {
  /** an input, or the task itself */ readonly name: string;
  /** undefined: it was not there, or there was no run before */ readonly from?: string;
  /** undefined: it is no longer asked for */ readonly to?: string;
  /** the change that brought it */ readonly seq?: number;
}

export interface WaveRecord {
  readonly id: string;
  readonly state: 'open' | 'closed';
  readonly cause: Cause;
  /** the first change that woke a task of it; of a wave that a retry set off, undefined until one does */
  readonly first?: number;
  /** it sees changes up to this one, and its own products */
  readonly cut?: number;
  /** runs it had when somebody let it go on over its budget */
  readonly forgiven?: number;
  readonly openedAt: string;
  readonly closedAt?: string;
}

/** A change that altered what tasks of a wave resolve to. */
export interface WokenRecord {
  readonly wave: string;
  readonly seq: number;
  /** by {@link taskKey} */ readonly woke: readonly string[];
}

export interface ReservationRecord {
  readonly index: IndexName;
  readonly name: string;
  readonly version: string;
  readonly attempt: string;
  readonly task: string;
}

export interface MetaRecord {
  /** the last change taken; one that is not newer is passed over */
  readonly cursor: number;
  /** the wave that is open */
  readonly wave?: string;
  readonly waves: number;
  /** under which handlers and rules every status was judged: under others, every task is looked at again */
  readonly judged?: string;
  /** what starts no run until somebody resumes it; absent: nothing */
  readonly paused?: readonly Pause[];
}

export { heldKey, tagKey, taskKey, taskOfKey, versionKey, wokenKey } from './keys.ts';
export type { HeldRecord } from './held-record.ts';
export type { Blocker, RunStateName, TaskStatus } from './status.ts';
export type { Pause, Paused } from './pause-record.ts';
export type { Superseding } from './superseding.ts';
