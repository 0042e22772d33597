/**
 * The runner's half of the folder of an attempt: it claims it, reads what to do, and says how it ended.
 *
 * `status.json` is hard-linked into place, so that of two runners that were given the same folder one begins;
 * `result.json` too, so that the first final state stays. `access.json` is removed before anything else of the
 * ticket is touched: a job under the same user finds no token in any file.
 */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identityOf } from '@pipl/openjd-sessions/process-identity';
import { piplError, type ErrorBody, type ReusedPoints, type RunOutcome, type Ticket } from '@pipl/packl';
import type { FailedAt } from '@pipl/registry-client';
import type { Provenance } from './provenance.ts';

export interface Access {
  /** base URL */
  readonly registry: string;
  readonly token: string;
}

export interface Status {
  readonly startedAt: string;
  readonly firstActionAt?: string;
  /** percent */
  readonly progress?: number;
  readonly message?: string;
  /** points that came from earlier runs, by step */
  readonly reused?: readonly ReusedPoints[];
}

export type FinalState = 'succeeded' | 'failed' | 'canceled' | 'lost';

export interface Result {
  readonly state: FinalState;
  readonly reason?: string;
  readonly error?: ErrorBody;
  readonly startedAt: string;
  readonly firstActionAt?: string;
  readonly endedAt: string;
  readonly outcome?: RunOutcome;
  /** milliseconds since the ticket came */
  readonly timings: Readonly<Record<string, number>>;
  readonly provenance?: Provenance;
  readonly failedAt?: FailedAt;
  /** the attempt whose outputs it published, without running again */
  readonly resumed?: string;
}

/** What tells this process from a later one with the same pid. */
const self = identityOf(process.pid);

/** False when somebody else has begun with this attempt: hands off. */
export function claim(folder: string, status: Status): boolean {
  return linkNew(folder, 'status.json', { text: statusText(status), flush: false });
}

export function writeStatus(folder: string, status: Status): void {
  const aside = join(folder, '.status');
  writeFileSync(aside, statusText(status));
  renameSync(aside, join(folder, 'status.json'));
}

const statusText = (status: Status): string =>
  JSON.stringify({
    ...self,
    state: 'running',
    ...status,
  });

/** What the run is: read once, and the token is gone from the disk. @throws PIPL_TICKET PIPL_TICKET_TORN */
export function readRun(folder: string): { ticket: Ticket; access: Access } {
  const file = join(folder, 'access.json');
  try {
    const access = JSON.parse(readFileSync(file, 'utf8')) as Access;
    rmSync(file);
    return { access, ticket: JSON.parse(readFileSync(join(folder, 'ticket.json'), 'utf8')) as Ticket };
  } catch (error) {
    if (error instanceof SyntaxError) throw torn(folder, error);
    throw piplError('invalid', 'PIPL_TICKET', {
      what: `${folder} holds no ticket that can be run.`,
      why: error instanceof Error ? error.message : String(error),
      hint: 'The engine writes ticket.json and access.json before it hands the folder over.',
      cause: error,
    });
  }
}

/** Not the task's fault: whoever submitted it does so again, as the next attempt. */
const torn = (folder: string, cause: Error) =>
  piplError('unreachable', 'PIPL_TICKET_TORN', {
    what: `The ticket in ${folder} is not whole.`,
    why: 'The machine lost its power just after it had been written.',
    hint: 'Nothing is to be done: the run is tried again.',
    cause,
  });

/** The first result stays. It is on the disk when this returns: what ran stands nowhere else yet. */
export function writeResult(folder: string, result: Result): void {
  linkNew(folder, 'result.json', { text: JSON.stringify(result), flush: true });
}

interface Content {
  readonly text: string;
  readonly flush: boolean;
}

function linkNew(folder: string, name: string, { text, flush }: Content): boolean {
  const aside = join(folder, `.${name}-${process.pid}`);
  writeFileSync(aside, text, { flush });
  try {
    linkSync(aside, join(folder, name));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}
