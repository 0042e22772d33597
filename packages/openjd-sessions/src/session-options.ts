/**
 * What callers hand to a session and its calls. Only types.
 */
import type { Environment, JobParameterValues, StepScript, TaskParameterSet } from '@pipl/openjd-model';

import type { VariableChanges } from './environment-variables.ts';
import type { LogListener } from './log.ts';
import type { PathMappingRule } from './path-mapping.ts';
import type { SessionUser } from './session-user.ts';
import type { SpareParts } from './spare-parts.ts';
import type { ActionStatus } from './status.ts';

export interface SessionOptions {
  /** Names the working directory and every log record. No slash, no leading dot. */
  readonly sessionId: string;
  readonly jobParameterValues: JobParameterValues;
  /** For `{{Job.Name}}`. */
  readonly jobName?: string;
  readonly pathMappingRules?: readonly PathMappingRule[];
  /** Keeps the working directory after `cleanup`, to look into it. */
  readonly retainWorkingDir?: boolean;
  /** Called with every change of an action's status. What it throws is logged and goes no further. */
  readonly callback?: (sessionId: string, status: ActionStatus) => void;
  /** On top of this process's variables, for every action; null removes one. */
  readonly osEnvVars?: VariableChanges;
  /** Where the working directory is made; default `<tmp>/OpenJD`. It must exist. */
  readonly sessionRootDirectory?: string;
  /**
   * As whom actions run; default: as the user of this process. As another user they find what that user has
   * after logging in, on top of it `osEnvVars`, and nothing of this process's variables.
   */
  readonly user?: SessionUser;
  /** What earlier sessions of this process have left in order, and later ones will use. Not as another user. */
  readonly spareParts?: SpareParts;
  readonly onLog?: LogListener;
  /**
   * The job's extensions; default all. Without REDACTED_ENV_VARS such a variable is masked but not set; without
   * EXPR braces hold names alone.
   */
  readonly extensions?: readonly string[];
}

/** Variables for one call only; environments override them. */
interface WithVariables {
  readonly osEnvVars?: VariableChanges;
}

/** The step that a task, or an environment of a step, belongs to. */
interface OfStep {
  /** For `{{Step.Name}}`. */
  readonly stepName?: string;
  /** EXPR: the step's own `let`, whose names its script and its environments may use. */
  readonly stepLet?: readonly string[];
}

export interface EnterEnvironment extends WithVariables, OfStep {
  readonly environment: Environment;
  /** Default: a new one. Give it to know the name while `onEnter` is still running. */
  readonly identifier?: string;
}

export interface ExitEnvironment extends WithVariables {
  readonly identifier: string;
  /** More tasks will follow; otherwise from now on environments can only be left. */
  readonly keepSessionRunning?: boolean;
}

export interface RunTask extends WithVariables, OfStep {
  readonly stepScript: StepScript;
  readonly taskParameterValues: TaskParameterSet;
}

export interface RunSubprocess extends WithVariables {
  /** Taken literally: no format strings. */
  readonly command: string;
  readonly args?: readonly string[];
  readonly timeoutSeconds?: number;
  /** Default true. False: without what the entered environments set. */
  readonly useSessionEnvVars?: boolean;
  readonly logBannerMessage?: string;
}

export interface CancelAction {
  /** Seconds until SIGKILL at the latest; 0 kills at once. */
  readonly timeLimitSeconds?: number;
  /** The action ends FAILED and not CANCELED. */
  readonly markActionFailed?: boolean;
}
