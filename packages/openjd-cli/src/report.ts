/**
 * What a command ends with: a report for people and for programs. Nothing here prints.
 */

/** Why a report is an error; a caller turns it into an exit status. */
export type Fault = 'usage' | 'missing' | 'invalid' | 'failed' | 'interrupted';

export interface Report {
  readonly status: 'success' | 'error';
  readonly message: string;
  /** Only of errors. */
  readonly fault?: Fault;
  /** What programs get besides status and message, in snake_case as the reference prints it. */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** What people read; the message unless set. */
  readonly text?: string;
}

/** A command that could not do what was asked. The message is for people and needs no more. */
export class CommandFault extends Error {
  readonly code = 'OPENJD_COMMAND_FAULT';
  readonly fault: Fault;

  constructor(fault: Fault, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'CommandFault';
    this.fault = fault;
  }
}

/** The command line itself cannot be understood. `usage` is the line that says how it goes. */
export class UsageFault extends CommandFault {
  readonly usage: string;

  constructor(usage: string, message: string) {
    super('usage', message);
    this.name = 'UsageFault';
    this.usage = usage;
  }
}

/** What the packages below throw on purpose: their errors have codes of their own. */
export const isOnPurpose = (error: unknown): error is Error & { code: string } =>
  error instanceof Error &&
  'code' in error &&
  typeof error.code === 'string' &&
  error.code.startsWith('OPENJD_');

/** The report of an error thrown on purpose. @throws anything else: it is a bug. */
export function reportOf(error: unknown): Report {
  if (!isOnPurpose(error)) throw error;
  return {
    status: 'error',
    message: error.message,
    fault: error instanceof CommandFault ? error.fault : 'invalid',
  };
}
