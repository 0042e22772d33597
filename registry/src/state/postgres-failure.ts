/** What PostgreSQL and the way to it fail with, in our words where a person or time can mend it. */
import { PiplError, piplError } from '@pipl/packl';

const awayCodes = new Set(
  // What the system says of the way there; then PostgreSQL: shut down, crashed, starting, too many connections,
  // and nobody gave the lock in time.
  `ECONNREFUSED ECONNRESET EPIPE ETIMEDOUT ENOENT ENOTFOUND EAI_AGAIN EHOSTUNREACH
  57P01 57P02 57P03 25P03 53300 55P03`.split(/\s+/),
);
const awayWords =
  /connection terminated|connection error|not queryable|timeout exceeded|timeout expired|client was closed|discarded/i;

/** The password is part of some addresses: what is shown has none. */
export const shownUrl = (url: string): string => url.replace(/^(\w+:\/\/[^:/@]*):[^@]*@/, '$1@');

/** @returns the error itself when it is neither an absence nor a refusal */
export function postgresFailure(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof PiplError) return error;
  const code = (error as { code?: unknown }).code;
  const text = typeof code === 'string' ? code : '';
  if (awayCodes.has(text) || text.startsWith('08') || awayWords.test(error.message)) return away(error);
  if (text === '3D000' || text.startsWith('28')) return refused(error);
  if (error instanceof AggregateError && error.errors.length > 0) {
    const inner = postgresFailure(error.errors[0]);
    return inner === error.errors[0] ? error : inner;
  }
  return error;
}

export const isAway = (error: unknown): boolean =>
  error instanceof PiplError && error.code === 'PIPL_DATABASE_AWAY';

const away = (error: Error): PiplError =>
  piplError('unreachable', 'PIPL_DATABASE_AWAY', {
    what: 'The database of the project does not answer.',
    why: error.message === '' ? 'There is no connection to it.' : error.message,
    hint: 'It is asked again by itself: try again in a few seconds. If it stays away, start PostgreSQL.',
    cause: error,
  });

const refused = (error: Error): PiplError =>
  piplError('denied', 'PIPL_DATABASE_REFUSED', {
    what: 'PostgreSQL does not let this server in.',
    why: error.message,
    hint: 'Check the address given with --database; the password comes from PIPL_DATABASE_PASSWORD or ~/.pgpass.',
    cause: error,
  });
