/**
 * The words of Open Job Description: a job as `createJob` makes it and a runtime runs it.
 *
 * What people write (templates) is in `template-types.ts`; here every string of template scope has its
 * value. Strings of actions, files and variables are still format strings: only a session knows their
 * values. Types alone, so this file imports nothing.
 */
/** Lists come with EXPR, as `BOOL` and `RANGE_EXPR` do. */
export type ListParameterType =
  | 'LIST[STRING]'
  | 'LIST[PATH]'
  | 'LIST[INT]'
  | 'LIST[FLOAT]'
  | 'LIST[BOOL]'
  | 'LIST[LIST[INT]]';

export type JobParameterType =
  | 'STRING'
  | 'PATH'
  | 'INT'
  | 'FLOAT'
  | 'BOOL'
  | 'RANGE_EXPR'
  | ListParameterType;

export type TaskParameterType = 'INT' | 'FLOAT' | 'STRING' | 'PATH' | 'CHUNK[INT]';

/** Values are text whatever the type: `1.50` stays `1.50`, a list is JSON: `["a", "b c"]`. */
export interface JobParameterValue {
  readonly type: JobParameterType;
  readonly value: string;
}

export interface TaskParameterValue {
  readonly type: TaskParameterType;
  /** A decimal, a string, or for `CHUNK[INT]` a range expression such as `1-5` or `1,3,7-9`. */
  readonly value: string;
}

export type JobParameterValues = Record<string, JobParameterValue>;

export type TaskParameterSet = Record<string, TaskParameterValue>;

/** How an action is asked to end. `notifyPeriodInSeconds` is 1 to 600; who cancels has the default. */
export type Cancelation =
  | { readonly mode: 'TERMINATE' }
  | { readonly mode: 'NOTIFY_THEN_TERMINATE'; readonly notifyPeriodInSeconds?: number };

export interface Action {
  /** A format string, as is every one of `args`. */
  readonly command: string;
  readonly args?: readonly string[];
  /** Seconds, 1 or more. */
  readonly timeout?: number;
  readonly cancelation?: Cancelation;
}

export type EndOfLine = 'AUTO' | 'LF' | 'CRLF';

export interface EmbeddedFile {
  readonly name: string;
  readonly type: 'TEXT';
  /** The last part of a path, never a folder. Without it the runtime chooses one. */
  readonly filename?: string;
  readonly runnable?: boolean;
  /** A format string. */
  readonly data: string;
  readonly endOfLine?: EndOfLine;
}

export interface StepScript {
  /** EXPR: names for values, `name = expression`, for a session to evaluate. So are those of environments. */
  readonly let?: readonly string[];
  readonly actions: { readonly onRun: Action };
  readonly embeddedFiles?: readonly EmbeddedFile[];
}

/**
 * WRAP_ACTIONS: runs in the place of another action, which it knows as `WrappedAction`. How long it may take
 * and how it ends may be format strings that name that action, so a session fills them.
 */
export interface WrapAction extends Omit<Action, 'timeout' | 'cancelation'> {
  readonly timeout?: number | string;
  readonly cancelation?: { readonly mode: string; readonly notifyPeriodInSeconds?: number | string };
}

/** An environment has all three hooks or none of them. */
export interface WrapHooks {
  /** In the place of the `onEnter` of every environment inside this one. */
  readonly onWrapEnvEnter?: WrapAction;
  /** In the place of every task's `onRun`. */
  readonly onWrapTaskRun?: WrapAction;
  /** In the place of the `onExit` of every environment inside this one. */
  readonly onWrapEnvExit?: WrapAction;
}

export interface EnvironmentActions extends WrapHooks {
  readonly onEnter?: Action;
  readonly onExit?: Action;
}

export interface EnvironmentScript {
  readonly let?: readonly string[];
  readonly actions: EnvironmentActions;
  readonly embeddedFiles?: readonly EmbeddedFile[];
}

export interface Environment {
  readonly name: string;
  readonly description?: string;
  readonly script?: EnvironmentScript;
  /** Values are format strings. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** At least `min` and at most `max` of something countable. Numbers are decimal text, as written. */
export interface AmountRequirement {
  readonly name: string;
  readonly min?: string;
  readonly max?: string;
}

export interface AttributeRequirement {
  readonly name: string;
  readonly anyOf?: readonly string[];
  readonly allOf?: readonly string[];
}

export interface HostRequirements {
  readonly amounts?: readonly AmountRequirement[];
  readonly attributes?: readonly AttributeRequirement[];
}

export type RangeConstraint = 'CONTIGUOUS' | 'NONCONTIGUOUS';

export interface Chunks {
  readonly defaultTaskCount: number;
  /** With more than 0 the scheduler adapts the size of chunks while the step runs. */
  readonly targetRuntimeSeconds?: number;
  readonly rangeConstraint: RangeConstraint;
}

/** A range is a range expression (`1-10:2`) or a list of values as text. */
export type TaskParameter =
  | { readonly type: 'INT'; readonly range: string | readonly string[] }
  | { readonly type: 'FLOAT' | 'STRING' | 'PATH'; readonly range: readonly string[] }
  | { readonly type: 'CHUNK[INT]'; readonly range: string | readonly string[]; readonly chunks: Chunks };

export interface StepParameterSpace {
  readonly taskParameterDefinitions: Readonly<Record<string, TaskParameter>>;
  /** How they combine, such as `Shot * (Frame, Seed)`. Without it: every combination, in order. */
  readonly combination?: string;
}

export interface Step {
  readonly name: string;
  readonly description?: string;
  /** EXPR: as in its script; values of template scope alone. */
  readonly let?: readonly string[];
  readonly script: StepScript;
  readonly stepEnvironments?: readonly Environment[];
  readonly parameterSpace?: StepParameterSpace;
  readonly hostRequirements?: HostRequirements;
  readonly dependencies?: readonly { readonly dependsOn: string }[];
}

export interface Job {
  readonly name: string;
  readonly description?: string;
  readonly parameters: JobParameterValues;
  readonly extensions?: readonly string[];
  readonly jobEnvironments?: readonly Environment[];
  readonly steps: readonly Step[];
}
