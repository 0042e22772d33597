/**
 * The session's log: what happened, line by line, to whoever listens.
 *
 * It redacts, filters by level and contains the listener's mistakes. It keeps
 * nothing: a listener that returns a promise slows the reading of output down
 * to its own pace, so a flood costs time and no memory.
 */
import { messageOf } from './errors.ts';
import type { Redactor } from './redaction.ts';

export type LogLevel = 'ERROR' | 'WARNING' | 'INFO' | 'DEBUG';

/** What a record is about, so that a viewer can fold or hide it. */
export type LogContent =
  | 'BANNER'
  | 'FILE_PATH'
  | 'FILE_CONTENTS'
  | 'COMMAND_OUTPUT'
  | 'EXCEPTION_INFO'
  | 'PROCESS_CONTROL'
  | 'PARAMETER_INFO'
  | 'HOST_INFO';

export interface LogRecord {
  readonly sessionId: string;
  readonly level: LogLevel;
  readonly content: LogContent;
  /** One line, or text of the session itself; secrets are already masked. */
  readonly message: string;
}

/** Returning a promise holds back further output of the action until it settles. */
export type LogListener = (record: LogRecord) => void | Promise<void>;

const weight: Record<LogLevel, number> = { ERROR: 40, WARNING: 30, INFO: 20, DEBUG: 10 };

export class SessionLog {
  /** Records below this level are dropped; actions change it with `openjd_session_runtime_loglevel`. */
  level: LogLevel = 'INFO';
  readonly #sessionId: string;
  readonly #redactor: Redactor;
  readonly #listener: LogListener | undefined;

  constructor({
    sessionId,
    redactor,
    listener,
  }: {
    sessionId: string;
    redactor: Redactor;
    listener: LogListener | undefined;
  }) {
    this.#sessionId = sessionId;
    this.#redactor = redactor;
    this.#listener = listener;
  }

  /** Tells the listener. A promise when the listener wants time; it never rejects. */
  write(content: LogContent, message: string, level: LogLevel = 'INFO'): Promise<void> | undefined {
    if (!this.#listener || weight[level] < weight[this.level]) return undefined;
    const record = { sessionId: this.#sessionId, level, content, message: this.#redactor.redact(message) };
    try {
      return this.#listener(record)?.catch(warnOfListener);
    } catch (error) {
      warnOfListener(error);
      return undefined;
    }
  }
}

/** A broken listener must neither fail the job nor go unnoticed, and the log itself cannot carry it. */
function warnOfListener(error: unknown): void {
  process.emitWarning(`A session log listener failed: ${messageOf(error)}`, { code: 'OPENJD_LOG_LISTENER' });
}
