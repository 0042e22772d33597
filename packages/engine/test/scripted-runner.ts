/**
 * A runner that does what the ticket's parameters say: the engine's half of the protocol without sessions.
 * Speaks JSON lines as `packages/runner/src/main.ts` does, and keeps the promises the engine relies on: it
 * claims a folder by linking status.json, writes result.json last, and goes on when its stdin ends.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync, existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Script } from '../src/conformance.ts';

const startTime = readFileSync('/proc/self/stat', 'utf8')
  .replace(/^.*\) /s, '')
  .split(' ')[19];
let stop: ((why: 'canceled') => void) | undefined;
let deaf = false;
let busy = false;
let ended = false;

process.stdout.on('error', () => undefined);
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
const leaveWhenDone = () => ended && !busy && process.exit(0);

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const said = JSON.parse(line) as { run?: string; cancel?: string };
    if (said.run !== undefined) void run(said.run);
    if (said.cancel !== undefined && !deaf) stop?.('canceled');
  })
  .on('close', () => {
    ended = true;
    leaveWhenDone();
  });
process.on('SIGTERM', () => deaf || stop?.('canceled'));

async function run(folder: string): Promise<void> {
  const attempt = basename(folder);
  const place = (name: string, value: object) => {
    writeFileSync(join(folder, `${name}.tmp`), JSON.stringify(value));
    linkSync(join(folder, `${name}.tmp`), join(folder, name));
    rmSync(join(folder, `${name}.tmp`));
  };
  if (existsSync(join(folder, 'status.json'))) return void say({ attempt, event: 'taken' });
  busy = true;
  place('status.json', { pid: process.pid, startTime, state: 'running' });
  appendFileSync(join(folder, 'starts'), 'x');
  say({ attempt, event: 'started' });
  const { field } = JSON.parse(readFileSync(join(folder, 'ticket.json'), 'utf8')) as {
    field: { parameters: Script };
  };
  place('result.json', await obey(field.parameters, attempt, folder));
  busy = false;
  say({ attempt, event: 'ended' });
  leaveWhenDone();
}

async function obey({ does, after = 0 }: Script, attempt: string, folder: string): Promise<object> {
  await new Promise((resolve) => setTimeout(resolve, after));
  if (does === 'succeed') return { state: 'succeeded' };
  if (does === 'fail') return { state: 'failed', reason: 'as its script says' };
  deaf = does === 'ignore';
  // The grandchild leads a session of its own and its parent ends at once: only its environment tells.
  const script = `setsid sh -c 'trap "" TERM; echo $$ >> ${folder}/pids; sleep 600 & wait' & echo $$ >> ${folder}/pids; exec sleep 600`;
  const child = spawn('/bin/sh', ['-c', script], {
    stdio: 'ignore',
    detached: true,
    env: { PATH: process.env['PATH'], PIPL_ATTEMPT: attempt },
  });
  const state = await new Promise<string>((resolve) => (stop = resolve));
  if (does === 'leave') child.unref();
  else kill(child, folder);
  return { state };
}

/** Polite, so what it started ends with it: the session runtime does this in the real one. */
function kill(child: ChildProcess, folder: string): void {
  for (const pid of readFileSync(join(folder, 'pids'), 'utf8').trim().split('\n')) {
    try {
      process.kill(-Number(pid), 'SIGKILL');
    } catch {
      // Gone already.
    }
  }
  child.kill('SIGKILL');
}
