/** Servers in processes of their own, started for one figure or a few and killed after it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface Running extends AsyncDisposable {
  /** of the index, with a slash at the end */
  readonly url: string;
  readonly token: string | undefined;
  readonly dir: string;
  /** bytes of memory that it holds now */
  memory(): number;
  /** bytes of memory that it held at most */
  peak(): number;
}

const statusLine = (pid: number, field: string): number => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) * 1024;
};

async function stop(child: ChildProcess, dir: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
  await rm(dir, { recursive: true, force: true });
}

/** @param script beside this file; it prints one line of JSON when it listens */
export async function startServer(script: string, ...parameters: string[]): Promise<Running> {
  const dir = await mkdtemp(join(tmpdir(), 'pipl-bench-'));
  const child = spawn(process.execPath, [join(import.meta.dirname, script), dir, ...parameters], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  const gone = once(child, 'exit').then(() => {
    throw new Error(`${script} ended before it listened`);
  });
  gone.catch(() => undefined);
  const [line] = (await Promise.race([once(createInterface(child.stdout), 'line'), gone])) as [string];
  const { url, token } = JSON.parse(line) as { url: string; token?: string };
  const { pid = 0 } = child;
  return {
    url,
    token,
    dir,
    memory: () => statusLine(pid, 'VmRSS'),
    peak: () => statusLine(pid, 'VmHWM'),
    [Symbol.asyncDispose]: () => stop(child, dir),
  };
}
