/**
 * Runs one program to its end: pnpm, pipl-step. It leads its own process group, and a stop ends the group.
 * What it prints is kept up to a limit; nothing of it is interpreted here.
 */
import { spawn, type ChildProcess } from 'node:child_process';

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** all of its environment */
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** all of its stdin, when it is known; undefined: there will be none, and the program is killed */
  readonly input?: Promise<string | undefined>;
}

export interface CommandEnd {
  /** undefined when a signal ended it, or it could not be started */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** why it could not be started */
  readonly problem?: string;
}

const mostBytes = 16 * 1024 * 1024;
const killAfterMs = 2_000;

/** Resolves however the program ends. @throws the signal's reason, when it was told to stop and has ended */
export async function runCommand({ file, args, cwd, env, signal, input }: Command): Promise<CommandEnd> {
  signal.throwIfAborted();
  const stdin = input === undefined ? 'ignore' : 'pipe';
  const child = spawn(file, args, { cwd, env, detached: true, stdio: [stdin, 'pipe', 'pipe'] });
  const stdout = keep(child.stdout!);
  const stderr = keep(child.stderr!);
  // EPIPE: it has ended, and its end says why.
  child.stdin?.on('error', () => undefined);
  const stop = () => {
    killGroup(child.pid, 'SIGTERM');
    setTimeout(() => killGroup(child.pid, 'SIGKILL'), killAfterMs).unref();
  };
  signal.addEventListener('abort', stop, { once: true });
  if (input !== undefined) void feed(child, input);
  const end = await new Promise<Pick<CommandEnd, 'exitCode' | 'problem'>>((resolve) => {
    child.on('error', (error) => resolve({ exitCode: undefined, problem: error.message }));
    child.on('close', (code) => resolve({ exitCode: code ?? undefined }));
  });
  signal.removeEventListener('abort', stop);
  if (signal.aborted) {
    killGroup(child.pid, 'SIGKILL');
    signal.throwIfAborted();
  }
  return { ...end, stdout: stdout(), stderr: stderr() };
}

async function feed(child: ChildProcess, input: Promise<string | undefined>): Promise<void> {
  const text = await input;
  if (text !== undefined) child.stdin?.end(text);
  else if (child.exitCode === null && child.signalCode === null) killGroup(child.pid, 'SIGKILL');
}

function keep(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    if (size < mostBytes) chunks.push(chunk);
    size += chunk.length;
  });
  return () => Buffer.concat(chunks).subarray(0, mostBytes).toString('utf8');
}

function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // All of it has ended already.
  }
}

/** The last lines that say something, for a reason that fits on a screen. */
export const lastLines = (text: string, count = 5): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .slice(-count);
