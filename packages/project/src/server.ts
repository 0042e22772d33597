/**
 * The project's server as a process: start, stop, ask.
 *
 * A server writes a note once it listens (`server-notes.ts`). One that a killed server left behind is recognised (pid
 * and start time, then a health probe) and removed without a word. Starting in the background
 * returns when the server answers; stopping returns when its process is gone.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { piplError } from '@pipl/packl';
import { connect } from '@pipl/registry-client';
import { readJson } from './atomic-file.ts';
import { signal, waitUntilGone } from './process-wait.ts';
import type { Project } from './project-file.ts';
import { serverRefusal } from './server-command.ts';
import { noteOf, readNote, type RunningServer, runningServers } from './server-notes.ts';

export interface StartOptions {
  readonly serverCommand: readonly string[];
  readonly port?: number | undefined;
  readonly host?: string | undefined;
}

const secondsToStart = 30;
const secondsToStop = 15;

/** The server of the project if one is alive; of several the one that came last. */
export async function runningServer(project: Project): Promise<RunningServer | undefined> {
  return (await runningServers(project))[0];
}

/** Several servers share a PostgreSQL, each with a port of its own; of a SQLite there is one. */
async function inTheWay(
  project: Project,
  { port }: StartOptions,
): Promise<{ running: RunningServer; another: boolean } | undefined> {
  const servers = await runningServers(project);
  const [running] = servers;
  if (running === undefined) return undefined;
  const settings = (await readJson(join(project.system, 'server.json')).catch(() => ({}))) as {
    database?: string;
  };
  const another = settings.database !== undefined;
  const ports = servers.map(({ url }) => URL.parse(url)?.port);
  return another && port !== undefined && !ports.includes(String(port)) ? undefined : { running, another };
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
  const there = await inTheWay(project, options);
  if (there) return { url: there.running.url, pid: there.running.pid, already: true };
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
    const noted = await readNote(noteOf(system, child.pid!));
    if (noted?.pid === child.pid && (await answers(noted!.url))) return noted!;
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
  const there = await inTheWay(project, options);
  if (there) throw alreadyRunning(project, there);
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

/** Asks the servers of the project on this machine to end, waits, and ends them by force after that. */
export async function stopServer(project: Project): Promise<{ stopped: boolean; forced: boolean }> {
  const servers = await runningServers(project);
  if (servers.length === 0) return { stopped: false, forced: false };
  const ends = await Promise.all(
    servers.map(async (server) => {
      signal(server, 'SIGTERM');
      const gone = await waitUntilGone(server, secondsToStop);
      if (gone) return false;
      signal(server, 'SIGKILL');
      await waitUntilGone(server, secondsToStop);
      return true;
    }),
  );
  // Of those that were ended by force: looking removes the notes of the dead.
  await runningServers(project);
  return { stopped: true, forced: ends.includes(true) };
}

const serverArguments = ({ path }: Project, { serverCommand, port, host }: StartOptions): string[] => [
  ...serverCommand,
  '--project',
  path,
  ...(port === undefined ? [] : ['--port', String(port)]),
  ...(host === undefined ? [] : ['--host', host]),
];

const alreadyRunning = (
  { name }: Project,
  { running: { url, pid }, another }: { running: RunningServer; another: boolean },
) =>
  piplError('conflict', 'PIPL_SERVER_RUNNING', {
    what: `The server of ${name} is already running at ${url}.`,
    why: `Process ${pid} serves this project.`,
    hint: another
      ? 'Use it as it is; start another one beside it: pipl proj start --port PORT; or stop it first: pipl proj stop'
      : 'Use it as it is, or stop it first: pipl proj stop',
  });
