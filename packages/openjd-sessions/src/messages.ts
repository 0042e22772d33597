/**
 * Recognises what an action says to its session: `openjd_progress: 50` and its
 * sisters. Pure: one line in, one meaning out. `action-run.ts` obeys.
 *
 * A message stands at column 0, in lower case, with one space after the colon.
 * A near-miss of a message that changes the environment (`OPENJD_ENV: A=b`) is
 * a mistake that must not pass silently, so it is `wrong` and fails the action.
 */
import type { LogLevel } from './log.ts';

export type Message =
  | { readonly is: 'output' }
  | { readonly is: 'progress'; readonly percent: number }
  | { readonly is: 'status'; readonly text: string }
  | { readonly is: 'fail'; readonly text: string }
  | { readonly is: 'env'; readonly name: string; readonly value: string; readonly secret: boolean }
  | { readonly is: 'unset_env'; readonly name: string }
  | { readonly is: 'loglevel'; readonly level: LogLevel }
  /** Said in vain: logged with the reason, otherwise ignored. */
  | { readonly is: 'ignored'; readonly reason: string }
  /** Said wrongly where silence would be dangerous: the action fails. */
  | { readonly is: 'wrong'; readonly reason: string };

const message = /^openjd_(progress|status|fail|env|redacted_env|unset_env|session_runtime_loglevel): (.+)$/s;
const nearMiss = /^\s*openjd_(?:env|unset_env|redacted_env)(?:[:\s]|$)/i;
const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/;

const levels: ReadonlyMap<string, LogLevel> = new Map([
  ['ERROR', 'ERROR'],
  ['WARNING', 'WARNING'],
  ['INFO', 'INFO'],
  ['DEBUG', 'DEBUG'],
]);

/** Quickly: most lines are no message, not even one with a mistake. */
export const mayBeMessage = (line: string): boolean => /^\s*openjd_/i.test(line);

/** What one line of output means. Source: "Stdout/Stderr messages" of How Jobs Are Run. */
export function readMessage(line: string): Message {
  const found = message.exec(line);
  if (!found) {
    if (!nearMiss.test(line)) return { is: 'output' };
    return {
      is: 'wrong',
      reason:
        'Open Job Description messages are lower case, at the start of a line: "openjd_env: NAME=value"',
    };
  }
  const [, kind = '', rest = ''] = found;
  switch (kind) {
    case 'progress':
      return readProgress(rest);
    case 'status':
      return { is: 'status', text: rest };
    case 'fail':
      return { is: 'fail', text: rest };
    case 'env':
    case 'redacted_env':
      return readVariable(rest, kind === 'redacted_env');
    case 'unset_env':
      return readUnset(rest);
    default:
      return readLevel(rest);
  }
}

/** The secrets that a line is about to reveal, however badly it is written: the value, and how it is spelled. */
export function secretsIn(line: string): string[] {
  const [, told = ''] = /^\s*openjd_redacted_env(?:[:\s]\s*)?(.*)$/is.exec(line) ?? [];
  const spelled = told.slice(told.indexOf('=') + 1);
  const read = readVariable(told, true);
  const unquoted = told.startsWith('"') && spelled.endsWith('"') ? spelled.slice(0, -1) : spelled;
  return [unquoted, ...(read.is === 'env' ? [read.value] : [])].filter((secret) => secret !== '');
}

function readProgress(text: string): Message {
  const percent = text.trim() === '' ? Number.NaN : Number(text);
  if (percent >= 0 && percent <= 100) return { is: 'progress', percent };
  return { is: 'ignored', reason: 'Progress must be a number from 0 to 100.' };
}

function readVariable(text: string, secret: boolean): Message {
  const assignment = text.startsWith('"') ? fromJson(text) : text;
  const [, name, value] = /^([^=]*)=(.*)$/s.exec(assignment ?? '') ?? [];
  if (name === undefined || value === undefined) {
    return { is: 'wrong', reason: 'a variable is set with NAME=value, or with "NAME=value" in JSON' };
  }
  if (!variableName.test(name))
    return { is: 'wrong', reason: `"${name}" cannot name an environment variable` };
  if (value.includes('\0')) return { is: 'wrong', reason: `the value of ${name} has a NUL` };
  return { is: 'env', name, value, secret };
}

function fromJson(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : undefined;
  } catch {
    // Not JSON: the caller reports the line as wrong, with the form it should have.
    return undefined;
  }
}

function readUnset(text: string): Message {
  if (variableName.test(text)) return { is: 'unset_env', name: text };
  return { is: 'wrong', reason: `"${text}" cannot name an environment variable` };
}

function readLevel(text: string): Message {
  const level = levels.get(text);
  if (level) return { is: 'loglevel', level };
  return { is: 'ignored', reason: `The log level must be one of ${[...levels.keys()].join(', ')}.` };
}

/** A command line that says `openjd_redacted_env` itself would tell the value before it is known as a secret. */
export const withoutRedactedValues = (text: string): string =>
  text.replace(/(openjd_redacted_env:[^\S\n]*).+/gi, '$1********');
