/**
 * The Open Job Description session runtime: enter environments, run tasks, leave
 * environments, as real processes of this machine. Knows no pipl.
 */
export { runnableExtensions } from './extensions.ts';
export { Session } from './session.ts';
export type {
  CancelAction,
  EnterEnvironment,
  ExitEnvironment,
  RunSubprocess,
  RunTask,
  SessionOptions,
} from './session-options.ts';
export { SpareParts } from './spare-parts.ts';
export type { ActionState, ActionStatus, SessionState } from './status.ts';
export type { LogContent, LogLevel, LogListener, LogRecord } from './log.ts';
export { PosixSessionUser } from './posix-user.ts';
export { WindowsSessionUser } from './windows-user.ts';
export type { SessionUser } from './session-user.ts';
export type { VariableChanges } from './environment-variables.ts';
export { mapPath, readRulesFile, sortedRules } from './path-mapping.ts';
export type { PathMappingRule } from './path-mapping.ts';
export {
  EnvironmentOrderError,
  SessionError,
  SessionStateError,
  SessionUserError,
  SessionValueError,
  WorkingDirectoryError,
} from './errors.ts';
