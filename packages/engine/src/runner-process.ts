/**
 * One warm runner: a process that waits for folders of attempts on its stdin. The actions of one attempt run at a
 * time; while it publishes what they made, those of the next may run.
 *
 * It leads its own group and gets only the variables named here, so that a Ctrl-C meant for the server does
 * not end runs and nothing secret of the server is inherited. When this process dies the runner sees its stdin
 * end, finishes what it runs and ends.
 */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { RunnerConfig } from './engine.ts';
import { identityOf, signalProcess, type ProcessIdentity } from '@pipl/openjd-sessions/process-identity';

type RunnerChild = ChildProcessByStdio<Writable, Readable, null>;

/** What a runner says about an attempt. */
export interface RunnerEvent {
  readonly attempt: string;
  /** `taken`: another runner has it; nothing was done */
  /** `executed`: none of its actions runs any more; it will end */
  readonly event: 'started' | 'first-action' | 'progress' | 'executed' | 'ended' | 'taken';
}

export interface RunnerProcess {
  readonly identity: ProcessIdentity;
  /** the attempt whose actions may run */
  readonly busyWith: string | undefined;
  /** every attempt it was given, until it said that it ended */
  readonly attempts: ReadonlySet<string>;
  run(folder: string, attempt: string): void;
  cancel(attempt: string): void;
  /** No more work: an idle one ends, a busy one finishes first. */
  dismiss(): void;
  /** Lets this process end though the runner goes on. */
  letGo(): void;
  /** how it ended, in words */
  readonly gone: Promise<string>;
}

export interface RunnerStart {
  readonly command: readonly string[];
  readonly config: RunnerConfig;
  /** where its stderr goes: a pipe would kill it when this process dies */
  readonly logFile: string;
  readonly onEvent: (event: RunnerEvent) => void;
}

const inherited =
  /^(?:PATH|HOME|USER|LOGNAME|LANG|LC_\w+|TZ|TMPDIR|TMP|TEMP|XDG_\w+|SystemRoot|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|NODE_COMPILE_CACHE)$/;

export const runnerVariables = (own: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(
    Object.entries(own).flatMap(([name, value]) =>
      value !== undefined && inherited.test(name) ? [[name, value]] : [],
    ),
  );

export function startRunner({ command, config, logFile, onEvent }: RunnerStart): RunnerProcess {
  const child = launch(command, logFile);
  const { pid } = child;
  const gone = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(`it could not be started: ${error.message}`));
    child.on('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
  });
  // EPIPE: it is gone, and 'exit' says so with its reason.
  child.stdin.on('error', () => undefined);
  const say = (line: object) => child.stdin.write(`${JSON.stringify(line)}\n`);
  say({ config });
  const attempts = new Set<string>();
  let busyWith: string | undefined;
  const runner: RunnerProcess = {
    identity: pid === undefined ? { pid: -1 } : identityOf(pid),
    get busyWith() {
      return busyWith;
    },
    attempts,
    run(folder, attempt) {
      busyWith = attempt;
      attempts.add(attempt);
      say({ run: folder });
    },
    cancel: (attempt) => void say({ cancel: attempt }),
    dismiss: () => child.stdin.end(),
    letGo() {
      child.unref();
      child.stdin.destroy();
      child.stdout.destroy();
    },
    gone,
  };
  createInterface({ input: child.stdout }).on('line', (line) => {
    const event = eventOf(line);
    if (event === undefined) return;
    const isOver = event.event === 'ended' || event.event === 'taken';
    if (busyWith === event.attempt && (isOver || event.event === 'executed')) busyWith = undefined;
    if (isOver) attempts.delete(event.attempt);
    onEvent(event);
  });
  return runner;
}

function launch(command: readonly string[], logFile: string): RunnerChild {
  const [file, ...args] = command;
  if (file === undefined) throw new TypeError('the runner command is empty');
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'a', 0o600);
  try {
    const env = runnerVariables(process.env);
    return spawn(file, args, { detached: true, stdio: ['pipe', 'pipe', log], env }) as RunnerChild;
  } finally {
    closeSync(log);
  }
}

/** Undefined for a line that is not for us: a library of the runner may print. */
function eventOf(line: string): RunnerEvent | undefined {
  try {
    const said = JSON.parse(line) as Partial<RunnerEvent> | null;
    return typeof said?.attempt === 'string' && typeof said.event === 'string'
      ? (said as RunnerEvent)
      : undefined;
  } catch {
    return undefined;
  }
}

const dismissMs = 2_000;

/** It has nothing to do and was told to go: one that does not is broken. */
export async function endIdle({ identity, gone }: RunnerProcess): Promise<void> {
  const stubborn = setTimeout(() => signalProcess(identity, 'SIGKILL'), dismissMs);
  await gone;
  clearTimeout(stubborn);
}
