/**
 * The folder of an attempt: the one place where a run's state is kept, so that it outlives every process.
 *
 * ```
 * ticket.json  access.json (0600, removed by the runner as soon as it has read it)
 * status.json  made once, by whoever runs the attempt: it is the claim, and names pid and start time
 * cancel       made by an engine that did not start the runner, before it signals it
 * result.json  made once, by the runner, or by an engine that knows the runner is dead: the final state
 * ```
 * Who takes an attempt back claims it like a runner, with a status.json that says so: one of the two is first.
 * Folders appear complete (written aside, then renamed) and the two files that must have one author are
 * hard-linked into place: whoever comes second finds them there.
 *
 * The files are small, so whoever needs one reads or writes it at once: handing it to another thread takes longer. Only what
 * is flushed is waited for there.
 *
 * No process that dies takes anything of it along. A power cut may tear what was written in its last moments: an
 * attempt whose files are torn is one whose runner is dead. What must survive that stands in the database (the
 * ticket, in the records of whoever submits it) or is flushed (every end).
 */
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { link, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProcessIdentity } from '@pipl/openjd-sessions/process-identity';
import { piplError, type ReusedPoints, type RunState, type Ticket } from '@pipl/packl';
import type { Access, Observation } from './engine.ts';

export interface Status extends ProcessIdentity {
  readonly startedAt?: string;
  readonly progress?: number;
  readonly message?: string;
  readonly firstActionAt?: string;
  readonly reused?: readonly ReusedPoints[];
  /** nobody runs it, and nobody will */
  readonly takenBack?: true;
}

export type FinalState = Exclude<RunState, { is: 'unknown' | 'waiting' | 'running' }>;

export type FolderState =
  | { readonly is: 'absent' }
  /** nobody has begun with it */
  | { readonly is: 'unclaimed' }
  /** somebody has; whether they live is for the caller to find out */
  | { readonly is: 'claimed'; readonly status: Status }
  | { readonly is: 'ended'; readonly observation: Observation };

/** @throws PIPL_ATTEMPT for a name that could leave the folder of runs */
export function runFolder(runsDir: string, attempt: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(attempt)) return join(runsDir, attempt);
  throw piplError('invalid', 'PIPL_ATTEMPT', {
    what: `"${attempt}" cannot name an attempt.`,
    why: 'An attempt names a folder: letters, digits, dot, dash and underscore.',
    hint: 'It is <run key>.<n>, for example 0f3c….1.',
  });
}

/** False when the attempt was there already: then nothing is written. */
export function createRunFolder(runsDir: string, ticket: Ticket, access: Access): boolean {
  const folder = runFolder(runsDir, ticket.attempt);
  mkdirSync(runsDir, { recursive: true });
  const aside = mkdtempSync(join(runsDir, '.new-'));
  try {
    writeFileSync(join(aside, 'ticket.json'), JSON.stringify(ticket));
    writeFileSync(join(aside, 'access.json'), JSON.stringify(access), { mode: 0o600 });
    renameSync(aside, folder);
    return true;
  } catch (error) {
    rmSync(aside, { recursive: true, force: true });
    if (isTaken(error)) return false;
    throw error;
  }
}

/** Whose pid this is lives nowhere. */
const nobody: Status = { pid: 0x7f_ff_ff_ff };

/** Of one that was taken back by an engine that died just then, the end has no time yet. */
export function readRunFolder(folder: string): FolderState {
  const result = readJson<Record<string, unknown>>(join(folder, 'result.json'));
  if (result === 'torn') return { is: 'claimed', status: nobody };
  if (result !== undefined) return { is: 'ended', observation: observationOf(result) };
  const status = readJson<Status>(join(folder, 'status.json'));
  if (status !== undefined && status !== 'torn' && status.takenBack === true)
    return { is: 'ended', observation: { is: 'taken-back' } };
  if (status !== undefined) return { is: 'claimed', status: status === 'torn' ? nobody : status };
  // One that is torn is still a claim on the name: its runner says so, and the attempt is lost.
  return { is: existsSync(join(folder, 'ticket.json')) ? 'unclaimed' : 'absent' };
}

/** For a runner that only a signal reaches, and that may have other attempts. */
export const markCancelled = (folder: string): Promise<void> => writeFile(join(folder, 'cancel'), '');

/**
 * Claims the attempt for nobody, also one that was never submitted here: what comes later finds it taken.
 * @returns false when somebody has begun with it, or it has ended
 */
export function takeBackRun(runsDir: string, attempt: string): boolean {
  const folder = runFolder(runsDir, attempt);
  mkdirSync(runsDir, { recursive: true });
  const aside = mkdtempSync(join(runsDir, '.new-'));
  const claim = join(aside, 'status.json');
  const claimed: Status = { ...nobody, takenBack: true };
  try {
    writeFileSync(claim, JSON.stringify(claimed));
    return (
      isFirst(() => renameSync(aside, folder)) || isFirst(() => linkSync(claim, join(folder, 'status.json')))
    );
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/** @param work puts something where nothing may be @returns was nothing there? */
function isFirst(work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (isTaken(error)) return false;
    throw error;
  }
}

const isTaken = (error: unknown): boolean =>
  ['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '');

/** Of every folder there is, in one order. */
export async function attemptsIn(runsDir: string): Promise<string[]> {
  const names = await readdir(runsDir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names.filter((name) => !name.startsWith('.')).toSorted();
}

/** Writes how the attempt ended, unless that is written already; then that holds. */
export async function settleRun(folder: string, end: FinalState): Promise<void> {
  const aside = join(folder, `.result-${process.pid}-${Math.random().toString(36).slice(2)}`);
  const { is: state, ...rest } = end;
  const result = join(folder, 'result.json');
  try {
    await writeFile(aside, JSON.stringify({ state, ...rest, endedAt: new Date().toISOString() }), {
      flush: true,
    });
    await link(aside, result);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if (readJson(result) === 'torn') await rename(aside, result);
  } finally {
    await rm(aside, { force: true });
  }
  await rm(join(folder, 'access.json'), { force: true });
}

/** What whoever has it says of it. */
export function runningAs({ startedAt, firstActionAt, progress, message, reused }: Status): Observation {
  const told = Object.entries({ startedAt, firstActionAt, progress, message, reused });
  return { is: 'running', ...Object.fromEntries(told.filter(([, value]) => value !== undefined)) };
}

function reusedIn({ provenance }: Record<string, unknown>): Pick<Observation, 'reused'> {
  const { reused } = (provenance ?? {}) as Pick<Observation, 'reused'>;
  return reused === undefined ? {} : { reused };
}

function observationOf(result: Record<string, unknown>): Observation {
  const times = Object.fromEntries(
    ['startedAt', 'firstActionAt', 'endedAt'].flatMap((key) =>
      typeof result[key] === 'string' ? [[key, result[key]]] : [],
    ),
  );
  const reason = typeof result['reason'] === 'string' ? result['reason'] : 'It did not say why.';
  switch (result['state']) {
    case 'succeeded':
      return { is: 'succeeded', progress: 100, ...times, ...reusedIn(result) };
    case 'canceled':
      return { is: 'canceled', ...times };
    case 'taken-back':
      return { is: 'taken-back', ...times };
    case 'failed':
      return { is: 'failed', reason, ...times };
    default:
      return { is: 'lost', reason, ...times };
  }
}

/** Undefined when the file is not there. */
function readJson<T extends object>(file: string): T | 'torn' | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch (error) {
    if (error instanceof SyntaxError) return 'torn';
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

const isAbsence = (error: unknown): boolean =>
  ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
