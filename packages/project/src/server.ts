/**
 * The project's server as a process: start, stop, ask.
 *
 * The server writes `system/run/server.json` once it listens. A file that a killed server left behind is
 * recognised (pid and start time, then a health probe) and removed without a word. Starting in the background
 * returns when the server answers; stopping returns when its process is gone.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isAlive } from '@pipl/openjd-sessions/process-identity';
import { piplError } from '@pipl/packl';
import { connect } from '@pipl/registry-client';
import { z } from 'zod';
import { readJson } from './atomic-file.ts';
import { signal, waitUntilGone } from './process-wait.ts';
import type { Project } from './project-file.ts';
import { serverRefusal } from './server-command.ts';

const RunFile = z.looseObject({
  pid: z.number().int(),
  // absent where there is no /proc
  startTime: z.union([z.string(), z.number()]).default(''),
  url: z.string(),
  version: z.string().optional(),
});
export type RunningServer = z.output<typeof RunFile>;

export interface StartOptions {
  readonly serverCommand: readonly string[];
  readonly port?: number | undefined;
  readonly host?: string | undefined;
}

const secondsToStart = 30;
const secondsToStop = 15;

/** The server of the project if its process is alive; a stale note of one is removed. */
export async function runningServer({ system }: Project): Promise<RunningServer | undefined> {
  const file = runFile(system);
  const noted = RunFile.safeParse(await readJson(file).catch(() => undefined));
  if (noted.success && isAlive(noted.data)) return noted.data;
  await rm(file, { force: true });
  return undefined;
}

/** The address of the project's server. @throws PIPL_SERVER_DOWN (exit 8) */
export async function serverUrl(project: Project): Promise<string> {
  if (project.url !== undefined) return project.url;
  const server = await runningServer(project);
  if (server) return server.url;
  throw piplError('unreachable', 'PIPL_SERVER_DOWN', {
    what: `The server of ${project.name} is not running.`,
    why: `No process listens for ${project.path}.`,
    hint: 'Start it: pipl proj start --detach',
  });
}

export interface ServerStatus {
  readonly project: string;
  readonly path: string;
  readonly running: boolean;
  readonly url?: string;
  readonly pid?: number;
  /** ISO 8601 */
  readonly startedAt?: string;
  /** the newest change of the feed */
  readonly head?: number;
  readonly rootPasswordEmpty?: boolean;
}

/** @throws PIPL_UNREACHABLE when the process is there but does not answer */
export async function serverStatus(project: Project): Promise<ServerStatus> {
  const { name, path, url: away } = project;
  if (away !== undefined) {
    const { startedAt, head, rootPasswordEmpty } = await connect({ url: away }).status();
    return { project: name, path, running: true, url: away, startedAt, head, rootPasswordEmpty };
  }
  const server = await runningServer(project);
  if (!server) return { project: name, path, running: false };
  const { startedAt, head, rootPasswordEmpty } = await connect({ url: server.url }).status();
  const { url, pid } = server;
  return { project: name, path, running: true, url, pid, startedAt, head, rootPasswordEmpty };
}

/**
 * Starts the server in the background and returns when it answers; one that runs already is left alone.
 * @throws PIPL_PORT_TAKEN (exit 4) and whatever else the server refuses with
 */
export async function startServer(
  project: Project,
  options: StartOptions,
): Promise<{ url: string; pid: number; already: boolean }> {
  const running = await runningServer(project);
  if (running) return { url: running.url, pid: running.pid, already: true };
  const folder = join(project.system, 'run');
  await mkdir(folder, { recursive: true });
  const logFile = join(folder, 'server.log');
  const log = await open(logFile, 'a');
  const { size: logFrom } = await stat(logFile);
  const [file, ...args] = serverArguments(project, options);
  const child = spawn(file!, args, { detached: true, stdio: ['ignore', log.fd, log.fd] });
  await log.close();
  const { url } = await untilReady(child, project, { logFile, logFrom });
  child.unref();
  return { url, pid: child.pid!, already: false };
}

/** Waits for the run file that the child writes, or for the child's end, whichever comes first. */
async function untilReady(
  child: ChildProcess,
  { system }: Project,
  { logFile, logFrom }: { logFile: string; logFrom: number },
): Promise<RunningServer> {
  let failure: unknown;
  child.once('error', (error) => (failure = error));
  const end = Date.now() + secondsToStart * 1000;
  while (Date.now() < end) {
    if (failure !== undefined) throw failure;
    if (child.exitCode !== null || child.signalCode !== null) {
      const stderr = (await readFile(logFile)).subarray(logFrom).toString('utf8');
      throw serverRefusal({ status: child.exitCode, signal: child.signalCode, stderr });
    }
    const noted = RunFile.safeParse(await readJson(runFile(system)).catch(() => undefined));
    if (noted.success && noted.data.pid === child.pid && (await answers(noted.data.url))) return noted.data;
    await pause(15);
  }
  child.kill('SIGKILL');
  throw piplError('timeout', 'PIPL_SERVER_SLOW', {
    what: `The server did not answer within ${secondsToStart} s.`,
    why: 'It was started and is still not ready; it was stopped.',
    hint: `${logFile} has what it said.`,
  });
}

const answers = (url: string): Promise<boolean> =>
  fetch(`${url.replace(/\/$/, '')}/-/pipl/v1/status`, { signal: AbortSignal.timeout(2000) }).then(
    ({ ok }) => ok,
    () => false,
  );

/**
 * Runs the server in this terminal until it ends; `onReady` hears its address. Interrupts of a terminal reach
 * the server by themselves, a signal to this process alone is handed on.
 * @returns the server's exit status
 */
export async function runServer(
  project: Project,
  {
    onReady,
    onLog,
    ...options
  }: StartOptions & { onReady: (url: string) => void; onLog: (text: string) => void },
): Promise<number> {
  const running = await runningServer(project);
  if (running) throw alreadyRunning(project, running);
  const [file, ...args] = serverArguments(project, options);
  const child = spawn(file!, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const ready = /^ready (\S+)/m.exec(text);
    if (ready) onReady(ready[1]!);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-65_536);
    if (!text.trimStart().startsWith('{')) onLog(text);
  });
  const handOn = (name: NodeJS.Signals) => {
    if (name === 'SIGTERM' || !process.stdin.isTTY) child.kill(name);
  };
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, handOn);
  try {
    const end = await new Promise<{ status: number | null; signal: NodeJS.Signals | null }>(
      (resolve, reject) => {
        child.once('error', reject);
        child.once('close', (status, by) => resolve({ status, signal: by }));
      },
    );
    if (end.status !== 0 && end.signal === null) throw serverRefusal({ ...end, stderr });
    return 0;
  } finally {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, handOn);
  }
}

/** Asks the server to end, waits, and ends it by force after that. */
export async function stopServer(project: Project): Promise<{ stopped: boolean; forced: boolean }> {
  const server = await runningServer(project);
  if (!server) return { stopped: false, forced: false };
  signal(server, 'SIGTERM');
  const gone = await waitUntilGone(server, secondsToStop);
  if (!gone) {
    signal(server, 'SIGKILL');
    await waitUntilGone(server, secondsToStop);
  }
  await rm(runFile(project.system), { force: true });
  return { stopped: true, forced: !gone };
}

const runFile = (system: string): string => join(system, 'run', 'server.json');

const serverArguments = ({ path }: Project, { serverCommand, port, host }: StartOptions): string[] => [
  ...serverCommand,
  '--project',
  path,
  ...(port === undefined ? [] : ['--port', String(port)]),
  ...(host === undefined ? [] : ['--host', host]),
];

const alreadyRunning = ({ name }: Project, { url, pid }: RunningServer) =>
  piplError('conflict', 'PIPL_SERVER_RUNNING', {
    what: `The server of ${name} is already running at ${url}.`,
    why: `Process ${pid} serves this project.`,
    hint: 'Use it as it is, or stop it first: pipl proj stop',
  });
