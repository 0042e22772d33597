/**
 * What this package throws on purpose. Anything else that reaches a caller is a bug.
 *
 * A failing action is no error: it is an `ActionStatus`. These are for calls that
 * could not begin: the wrong moment, the wrong order, an unsafe folder, an
 * impossible value. Each says what happened, why, and what to do.
 */
export abstract class SessionError extends Error {
  abstract readonly code: `OPENJD_${string}`;
  /** Why the call was refused, one sentence. */
  readonly why: string;
  /** What the caller can do about it, one sentence. */
  readonly hint: string;

  constructor(message: string, { why, hint, cause }: { why: string; hint: string; cause?: unknown }) {
    super(message, { cause });
    this.name = new.target.name;
    this.why = why;
    this.hint = hint;
  }
}

/** The session's state does not allow this call. */
export class SessionStateError extends SessionError {
  override readonly code = 'OPENJD_SESSION_STATE';

  constructor(call: string, { state, allowed }: { state: string; allowed: readonly string[] }) {
    super(`${call} is not possible while the session is ${state}`, {
      why: `It needs the state ${allowed.join(' or ')}.`,
      hint:
        state === 'RUNNING' || state === 'CANCELING'
          ? 'Wait for the running action to end: every call returns a promise for that.'
          : 'After a failure only environments can be left; start a new session for more work.',
    });
  }
}

/** An environment identifier that is unknown, taken, or not the one to leave next. */
export class EnvironmentOrderError extends SessionError {
  override readonly code = 'OPENJD_ENVIRONMENT_ORDER';
}

/** A value given to the session that cannot be used: a name with a slash, a NUL in a variable. */
export class SessionValueError extends SessionError {
  override readonly code = 'OPENJD_SESSION_VALUE';
}

/** The working directory could not be made safely. */
export class WorkingDirectoryError extends SessionError {
  override readonly code = 'OPENJD_WORKING_DIRECTORY';
}

/** The user that actions should run as is unknown, or this process may not act as that user. */
export class SessionUserError extends SessionError {
  override readonly code = 'OPENJD_SESSION_USER';
}

/** The text of an error of any kind, for a log line or a status message. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The `code` of a system error, such as `ENOENT`; undefined for anything else. */
export const systemCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
