/**
 * A ticket: what to run, every input pinned. Plain data: it travels to any engine.
 *
 * The run key is a hash of purpose, task integrity, run lock, parameters and, of a task that reads its own last
 * products, those; `<run key>.<n>` is an attempt.
 */
import type { ChangeOp } from './change.ts';
import type { IndexName } from './names.ts';
import type { TaskField } from './manifest.ts';

/** Exact packl that a run needs. */
export interface Pin {
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
}

/**
 * What pnpm installs for a run: code and envset packls and third-party packages, never tasks or products.
 * `hash` names the installed tree on any machine.
 */
export interface CodeLock {
  readonly hash: string;
  /** direct dependencies of the tree: packl name → exact version, and third party name → exact version */
  readonly dependencies: Readonly<Record<string, string>>;
  /** text of `pnpm-lock.yaml`, version 9 */
  readonly lockfile: string;
}

export interface TicketInput extends Pin {
  readonly slot: string;
}

export interface TicketProduct {
  readonly slot: string;
  readonly name: string;
  /** reserved by the reactor */
  readonly version: string;
}

/** The products of a run in another index. */
export interface MadeElsewhere {
  readonly index: IndexName;
  readonly attempt: string;
  readonly products: readonly Pin[];
}

export interface Ticket {
  readonly runKey: string;
  /** `<run key>.<n>`, what engines know */
  readonly attempt: string;
  readonly purpose: 'process' | 'qa' | 'command' | 'job' | 'module';
  /** where the products go */
  readonly index: IndexName;
  readonly task: Pin;
  /** the task packl's `pipl` field */
  readonly field: TaskField;
  readonly inputs: readonly TicketInput[];
  /** of a task that asks for its own last products: those that were there when it started, by slot of product */
  readonly previous?: readonly TicketInput[];
  readonly products: readonly TicketProduct[];
  /** nothing runs: what a run of the same key made elsewhere is shown in this index, too */
  readonly reference?: MadeElsewhere;
  readonly codeLock: CodeLock;
  /** seconds for the whole run */
  readonly timeout?: number;
  /** it takes the place of an attempt that was taken back: since when that one waited */
  readonly waitsSince?: string;
  /** false: nothing of earlier runs is taken, everything runs */
  readonly reuse?: boolean;
  /** of every purpose but `process`: what a handler asks for */
  readonly handling?: TicketHandling;
}

/** What a handler has a run do. `task` of the ticket is then what changed, whatever kind of packl that is. */
export interface TicketHandling {
  /** of the handler, in the index of the ticket unless said otherwise */
  readonly handler: string;
  readonly change: {
    readonly seq: number;
    readonly op: ChangeOp;
    readonly index: IndexName;
    readonly name: string;
    readonly version: string;
    readonly integrity?: string;
    readonly by: string;
  };
  readonly work: HandlerWork;
}

export type HandlerWork =
  /** run the task of the ticket and its checks, publish nothing */
  | { readonly is: 'task' }
  /** its checks in a clean workspace */
  | { readonly is: 'checks' }
  | { readonly is: 'command'; readonly argv: readonly string[] }
  | {
      readonly is: 'job';
      /** text of the template, or a file of a packl */
      readonly template: { readonly text: string } | { readonly packl: Pin; readonly file: string };
      readonly parameters: Readonly<Record<string, string>>;
    }
  | {
      readonly is: 'module';
      /** as one imports it */
      readonly specifier: string;
      readonly export: string;
      readonly options: Readonly<Record<string, unknown>>;
    };

/** The field of a ticket whose packl is no task: it reads and makes nothing. */
export const noTask: TaskField = { kind: 'task', type: '.#None', inputs: {}, products: {}, parameters: {} };

/** How an attempt stands, as an engine sees it. */
export type RunState =
  | { readonly is: 'unknown' }
  | { readonly is: 'waiting' }
  | { readonly is: 'running' }
  | { readonly is: 'succeeded' }
  | { readonly is: 'canceled' }
  /** nobody had begun with it, and nobody will */
  | { readonly is: 'taken-back' }
  /** the task's own fault: an action failed, a check failed, an output is missing */
  | { readonly is: 'failed'; readonly reason: string }
  /** the machinery's fault: the runner died, the registry was away */
  | { readonly is: 'lost'; readonly reason: string };
