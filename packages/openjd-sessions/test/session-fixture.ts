/**
 * A real session in a folder of its own, with what it said. `sh` writes a task or
 * an action for the shell, so that a test reads as what the job does.
 */
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import type { Action, Environment, StepScript } from '@pipl/openjd-model';

import { Session } from '../src/index.ts';
import type { ActionStatus, LogRecord, RunTask, SessionOptions } from '../src/index.ts';

export interface Heard extends AsyncDisposable {
  readonly session: Session;
  readonly root: string;
  readonly records: LogRecord[];
  readonly statuses: ActionStatus[];
  /** What actions printed, without the session's own lines. */
  output(): string[];
}

export function startSession(options: Partial<SessionOptions> = {}): Heard {
  const root = options.sessionRootDirectory ?? realpathSync(mkdtempSync(join(tmpdir(), 'sessions-test')));
  const records: LogRecord[] = [];
  const statuses: ActionStatus[] = [];
  const session = new Session({
    sessionId: 'test',
    jobParameterValues: {},
    sessionRootDirectory: root,
    onLog: (record) => {
      records.push(record);
    },
    callback: (_id, status) => {
      statuses.push(status);
    },
    ...options,
  });
  return {
    session,
    root,
    records,
    statuses,
    output: () => records.filter(({ content }) => content === 'COMMAND_OUTPUT').map(({ message }) => message),
    async [Symbol.asyncDispose]() {
      await session.cleanup();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

export const action = (script: string, more: Partial<Action> = {}): Action => ({
  command: 'sh',
  args: ['-c', script],
  ...more,
});

export const task = (
  script: string,
  more: Partial<Action> = {},
  files: StepScript['embeddedFiles'] = undefined,
): RunTask => ({
  stepScript: { actions: { onRun: action(script, more) }, ...(files ? { embeddedFiles: files } : {}) },
  taskParameterValues: {},
});

export function environment(
  name: string,
  { enter, exit, variables }: { enter?: string; exit?: string; variables?: Record<string, string> },
): Environment {
  const actions = {
    ...(enter === undefined ? {} : { onEnter: action(enter) }),
    ...(exit === undefined ? {} : { onExit: action(exit) }),
  };
  return {
    name,
    ...(enter === undefined && exit === undefined ? {} : { script: { actions } }),
    ...(variables ? { variables } : {}),
  };
}

/** Polls until `holds`; fails after a minute. */
export async function eventually(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`This did not become true in a minute: ${holds}`);
    await setTimeout(5);
  }
}

/** The pid that a job wrote into a file of its working directory. */
export async function pidIn(file: string): Promise<number> {
  await eventually(() => existsSync(file) && readFileSync(file, 'utf8').endsWith('\n'));
  return Number(readFileSync(file, 'utf8'));
}

/** Whether a process runs; one that only waits to be collected does not. */
export function isAlive(pid: number): boolean {
  if (!existsSync(`/proc/${pid}/stat`)) return false;
  return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
}

/** What this process holds open, by name. */
export const openDescriptors = (): string[] =>
  readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      // The descriptor of the listing itself.
      return [];
    }
  });

/** The children of this process that are shells of a session. */
export const childProcesses = (): string[] =>
  readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
