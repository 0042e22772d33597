/**
 * The words of the handlers' decisions: what they know, what they hear, what they ask for.
 *
 * ```
 *             ┌─ newer version, nothing started ─▶ superseded      ┌─ gate closed ─▶ held ─ a verdict ─┐
 *  running ───┼─ withdrawn, overwritten ─▶ gone                   │                                   │
 *             ├─ lost too often ─▶ dead                           │◀──────────────────────────────────┘
 *             └─ all runs ended ─▶ judging ─ told in the feed ─▶ promoting ─▶ promoted · refused · dead
 *                    │                └─ failed · passed
 *                    └─ command, job, module ─▶ done · dead
 * ```
 * All of it is plain JSON. A *handling* is one handler's answer to one change; its *parts* are what it runs, each
 * with an attempt under way. Times are ISO 8601 in UTC and come from outside.
 */
import type { Change, ChangeHandler, ChangeOp, IndexName, QaReport, RunState, Ticket } from '@pipl/packl';

export interface HandlerState {
  readonly records: HandlerRecords;
}

export interface RecordOf {
  /** by id */
  readonly handlings: Handling;
  /** by attempt */
  readonly handler_runs: HandlerRun;
  /** what a run for QA said, by attempt */
  readonly handler_reports: QaReport;
  /** one record, key `handlers` */
  readonly handler_meta: HandlerMeta;
}
export const handlerTables = ['handlings', 'handler_runs', 'handler_reports', 'handler_meta'] as const;
export type HandlerTable = (typeof handlerTables)[number];
export type HandlerRecords = { readonly [Table in HandlerTable]: ReadonlyMap<string, RecordOf[Table]> };

export interface HandlerMeta {
  /** the last change taken; one that is not newer is passed over */
  readonly cursor: number;
  /** `handler@index` → the head when it was declared: what was there before is none of its business */
  readonly since: Readonly<Record<string, number>>;
}

/** A record to keep; value undefined: to delete. */
export type HandlerWrite = {
  readonly [Table in HandlerTable]: {
    readonly table: Table;
    readonly key: string;
    readonly value: RecordOf[Table] | undefined;
  };
}[HandlerTable];

/** A handler and where it stands, by its name there. */
export interface Declared {
  readonly index: IndexName;
  readonly name: string;
  readonly handler: ChangeHandler;
}

export const grantText = ({ name, index }: Pick<Declared, 'name' | 'index'>): string => `${name}@${index}`;

export interface Handling {
  /** `<seq>.<handler>`; `<seq>.<handler>.<n>` for a trial */
  readonly id: string;
  readonly index: IndexName;
  readonly handler: string;
  readonly kind: ChangeHandler['kind'];
  /** the change that it answers */
  readonly change: {
    readonly seq: number;
    readonly op: ChangeOp;
    readonly name: string;
    readonly version: string;
    readonly integrity?: string;
    readonly by: string;
    readonly at: string;
  };
  readonly promoteTo?: IndexName;
  readonly retries: number;
  /** somebody tries the handler: it judges and promotes nothing */
  readonly trial?: true;
  readonly parts: readonly Part[];
  readonly stands: Stands;
  readonly begunAt: string;
  readonly endedAt?: string;
}

/** One thing that a handling runs. */
export interface Part {
  /** for people: `name@version`, or the name of the handler */
  readonly of: string;
  /** with the attempt under way */
  readonly ticket: Ticket;
  readonly is: 'waiting' | 'running' | 'backing-off' | 'passed' | 'failed' | 'dead';
  readonly reason?: string;
  /** its own fault */
  readonly failed: number;
  /** the machinery's fault */
  readonly lost: number;
  /** while it is backing off */
  readonly notBefore?: string;
}

export type Stands =
  | { readonly is: 'running' }
  /** `told`: the verdicts that have yet to be seen in the feed */
  | { readonly is: 'judging'; readonly passed: boolean; readonly told: readonly ToTell[] }
  | { readonly is: 'promoting' }
  /** the gate is closed */
  | { readonly is: 'held'; readonly missing: readonly string[] }
  /** it may not: looked at again when an index changes */
  | { readonly is: 'refused'; readonly code: string; readonly reason: string }
  | { readonly is: 'promoted'; readonly seq: number }
  | { readonly is: 'passed' }
  | { readonly is: 'failed'; readonly reason: string }
  /** a command, job or module that ended well */
  | { readonly is: 'done' }
  | { readonly is: 'superseded'; readonly by: string }
  | { readonly is: 'gone'; readonly reason: string }
  | { readonly is: 'canceled' }
  /** given up: somebody has to look, and can have it tried again */
  | { readonly is: 'dead'; readonly reason: string };

/** What is to be said about the version. */
export interface ToTell {
  readonly check: string;
  readonly result: 'passed' | 'failed';
  readonly message?: string;
  readonly run?: string;
}

export interface HandlerRun {
  readonly attempt: string;
  readonly handling: string;
  readonly purpose: Ticket['purpose'];
  readonly index: IndexName;
  readonly name: string;
  readonly version: string;
  readonly handler: string;
  readonly runKey: string;
  readonly seq: number;
  readonly state: 'waiting' | 'running' | 'succeeded' | 'failed' | 'canceled' | 'lost';
  readonly submittedAt: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly reason?: string;
}

/** A template of the project as it was read: its text, or why there is none. */
export type Template = { readonly text: string } | { readonly unreadable: string };

/** What a handler would run for a change: pinned, without attempts. */
export interface Plan {
  readonly declared: Declared;
  readonly parts: readonly { readonly of: string; readonly ticket: Ticket }[];
  /** nothing can be run: why */
  readonly problem?: string;
}

export type HandlerInput =
  /** what `.pipl` says now; `head`: of the feed, for those that are new */
  | {
      readonly is: 'declared';
      readonly handlers: readonly Declared[];
      readonly head: number;
      readonly at: string;
    }
  /** `plans`: of the handlers that listen to it */
  | {
      readonly is: 'change';
      readonly change: Change;
      readonly plans: readonly Plan[];
      readonly at: string;
    }
  | { readonly is: 'trial'; readonly change: Change; readonly plan: Plan; readonly at: string }
  | { readonly is: 'run-started'; readonly attempt: string; readonly at: string }
  | {
      readonly is: 'run-ended';
      readonly attempt: string;
      readonly end: RunState;
      readonly report?: QaReport;
      readonly at: string;
    }
  /** the registry did not take what was to be told */
  | {
      readonly is: 'not-told';
      readonly id: string;
      readonly code: string;
      readonly reason: string;
      readonly at: string;
    }
  | { readonly is: 'promoted'; readonly id: string; readonly seq: number; readonly at: string }
  | {
      readonly is: 'gate-closed';
      readonly id: string;
      readonly missing: readonly string[];
      readonly at: string;
    }
  | {
      readonly is: 'not-promoted';
      readonly id: string;
      readonly code: string;
      readonly reason: string;
      readonly at: string;
    }
  /** `plan`: of one that came to nothing that could be run, made anew */
  | { readonly is: 'retry'; readonly id: string; readonly plan?: Plan; readonly at: string }
  | { readonly is: 'cancel'; readonly attempt: string; readonly at: string }
  | { readonly is: 'tick'; readonly at: string }
  /** The server started: what the engine knows of the attempts that are under way, or were cancelled. */
  | {
      readonly is: 'started';
      readonly attempts: Readonly<Record<string, { readonly end: RunState; readonly report?: QaReport }>>;
      readonly at: string;
    };

export type HandlerEffect =
  | { readonly do: 'submit'; readonly ticket: Ticket }
  | { readonly do: 'cancel'; readonly attempt: string }
  | { readonly do: 'revoke'; readonly attempt: string }
  | { readonly do: 'judge'; readonly handling: Handling; readonly verdict: ToTell }
  | { readonly do: 'promote'; readonly handling: Handling; readonly into: IndexName }
  | { readonly do: 'wake'; readonly at: string };

export interface HandlerDecision {
  readonly writes: readonly HandlerWrite[];
  readonly effects: readonly HandlerEffect[];
}

const ended = new Set<Stands['is']>([
  'promoted',
  'passed',
  'failed',
  'done',
  'superseded',
  'gone',
  'canceled',
  'dead',
]);
export const isOver = ({ stands }: Handling): boolean => ended.has(stands.is);
