/** What sessions of one process hand on to each other: only what is whole, and nothing of what it was used for. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { expect, test } from 'vitest';

import { readOfProcess, readProcesses, signalProcess } from '../src/process-identity.ts';
import { SpareParts } from '../src/index.ts';
import type { SessionOptions } from '../src/index.ts';
import {
  childProcesses,
  eventually,
  isAlive,
  openDescriptors,
  pidIn,
  startSession,
  task,
} from './session-fixture.ts';

/** Spare parts in a folder of their own, which a session can use. */
async function stock() {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'spare-parts-test')));
  const before = childProcesses();
  const spareParts = new SpareParts(folder);
  await spareParts.warm();
  const shells = () => childProcesses().filter((pid) => !before.includes(pid));
  return {
    spareParts,
    folder,
    shells,
    async [Symbol.asyncDispose]() {
      await spareParts.close();
      expect(shells()).toEqual([]);
      expect(readdirSync(folder)).toEqual([]);
      rmSync(folder, { recursive: true });
    },
  };
}

/** Of all variables only those that any shell hands on: whoever needs `SHLVL` gets a shell of its own. */
const few = Object.fromEntries(
  Object.keys(process.env)
    .filter((name) => name !== 'PATH')
    .map((name) => [name, null]),
);

/** What one task of a new session prints. */
async function outputOf(script: string, options: Partial<SessionOptions>): Promise<string[]> {
  await using heard = startSession({ osEnvVars: few, ...options });
  expect(await heard.session.runTask(task(script))).toEqual({ state: 'SUCCESS', exitCode: 0 });
  return heard.output();
}

test('the warm shell serves one session after the other, and ends with the spare parts', async () => {
  await using of = await stock();
  const { spareParts } = of;
  const [warm] = of.shells();
  expect(await outputOf('echo $PPID', { spareParts })).toEqual([warm]);
  expect(await outputOf('echo $PPID', { spareParts })).toEqual([warm]);
  expect(of.shells()).toEqual([warm]);
});

test('sessions at the same time never share a shell or a pipe', async () => {
  await using of = await stock();
  const { spareParts } = of;
  const script = 'echo $PPID; readlink /proc/self/fd/1; while ! test -e go; do sleep 0.02; done';
  const all = Array.from({ length: 3 }, () => startSession({ spareParts, osEnvVars: few }));
  const running = all.map(({ session }) => session.runTask(task(script)));
  await eventually(() => all.every((heard) => heard.output().length === 2));
  expect(new Set(all.flatMap((heard) => heard.output())).size).toBe(6);
  for (const { session } of all) await session.cancelAction();
  await Promise.all(running);
  for (const heard of all) await heard[Symbol.asyncDispose]();
});

test('a spare shell that died before its use is not used', async () => {
  await using of = await stock();
  const [warm] = of.shells();
  process.kill(Number(warm), 'SIGKILL');
  await eventually(() => !childProcesses().includes(warm!));
  const [parent] = await outputOf('echo $PPID', { spareParts: of.spareParts });
  expect(parent).not.toBe(warm);
});

test('a shell that was killed with an action is not handed on', async () => {
  await using of = await stock();
  const { spareParts } = of;
  const [warm] = of.shells();
  await using heard = startSession({ spareParts, osEnvVars: few });
  const running = heard.session.runTask(task('echo $PPID; sleep 60'));
  await eventually(() => heard.output().length > 0);
  await heard.session.cancelAction();
  expect(await running).toMatchObject({ state: 'CANCELED' });
  await heard.session.cleanup();
  expect(heard.output()).toEqual([warm]);
  expect(await outputOf('echo $PPID', { spareParts })).not.toEqual([warm]);
});

test('what a session left in the group of its shell is killed before the shell is handed on', async () => {
  await using of = await stock();
  const { spareParts } = of;
  await using heard = startSession({ spareParts, osEnvVars: few });
  await heard.session.runTask(task(`sh -c 'echo $$ >pid; exec sleep 60' >/dev/null 2>&1 & sleep 0.1`));
  const left = await pidIn(join(heard.session.workingDirectory, 'pid'));
  await heard.session.cleanup();
  expect(isAlive(left)).toBe(false);
  expect(await outputOf('echo $PPID', { spareParts })).toEqual(of.shells());
});

test('nothing of a session is left in what it hands on', async () => {
  await using of = await stock();
  const { spareParts, folder } = of;
  const osEnvVars = { ...few, OF_THE_FIRST: 'hunter2' };
  expect(await outputOf('echo $OF_THE_FIRST', { spareParts, osEnvVars })).toEqual(['hunter2']);
  expect(await outputOf('echo "<$OF_THE_FIRST>"', { spareParts })).toEqual(['<>']);
  const [inside = ''] = readdirSync(folder);
  const scripts = readdirSync(join(folder, inside)).filter((name) => name.startsWith('start-'));
  expect(scripts).toHaveLength(1);
  expect(readFileSync(join(folder, inside, scripts[0]!), 'utf8').trim()).toBe('');
  for (const shell of of.shells()) expect(readOfProcess(Number(shell), 'environ')).not.toContain('OPENJD_');
});

test('a shell that a session started for itself is not handed on', async () => {
  await using of = await stock();
  const { spareParts } = of;
  const osEnvVars = { ...few, SHLVL: '7' };
  const [own] = await outputOf('echo $PPID', { spareParts, osEnvVars });
  expect(of.shells()).not.toContain(own);
  expect(await outputOf('echo $PPID', { spareParts, osEnvVars })).not.toEqual([own]);
});

test('a pipe that somebody may still hold is not lent again', async () => {
  await using of = await stock();
  const [first, second] = [of.spareParts.lendPipes(), of.spareParts.lendPipes()];
  const [held, free] = [await first.take(), await first.take()];
  first.giveBack(free);
  first.end();
  const taken: string[] = [];
  for (let count = 0; count < 40; count += 1) taken.push(await second.take());
  expect(taken).toContain(free);
  expect(taken).not.toContain(held);
  expect(new Set(taken).size).toBe(40);
});

test('a session that outlives the spare parts ends its shell itself', async () => {
  const descriptors = openDescriptors().length;
  const of = await stock();
  const heard = startSession({ spareParts: of.spareParts, osEnvVars: few });
  await heard.session.runTask(task('exit 0'));
  expect(of.shells()).toHaveLength(1);
  await of.spareParts.close();
  expect(of.shells()).toHaveLength(1);
  await heard[Symbol.asyncDispose]();
  expect(of.shells()).toEqual([]);
  await of[Symbol.asyncDispose]();
  await eventually(() => openDescriptors().length <= descriptors);
});

/** With HUP ignored, as under `nohup`. */
const program = `
  import { SpareParts } from ${JSON.stringify(join(import.meta.dirname, '../src/index.ts'))};
  const spareParts = new SpareParts(process.argv[1]);
  process.on('exit', () => spareParts.removeNow());
  process.on('SIGTERM', () => process.exit(0));
  await spareParts.warm();
  console.log('warm');
  setInterval(() => undefined, 1000);
`;

test.each(['SIGTERM', 'SIGKILL'] as const)('no shell outlives a process that %s ended', async (signal) => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'spare-parts-test')));
  const args = [
    '-c',
    'trap "" HUP; exec "$@"',
    'sh',
    process.execPath,
    '--input-type=module',
    '-e',
    program,
    folder,
  ];
  const owner = spawn('sh', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(createInterface({ input: owner.stdout }), 'line');
  const family = () => {
    const all = readProcesses();
    const shells = all.filter(({ parent }) => parent === owner.pid);
    return [...shells, ...all.filter(({ parent }) => shells.some(({ pid }) => pid === parent))];
  };
  // The shell, and the one that waits for its first order.
  await eventually(() => family().length === 2);
  const shells = family();
  owner.kill(signal);
  await once(owner, 'exit');
  try {
    await eventually(() => !shells.some(({ pid }) => isAlive(pid)));
  } finally {
    for (const { pid, startTicks } of shells) signalProcess({ pid, startTime: startTicks }, 'SIGKILL');
  }
  expect(existsSync(folder) && readdirSync(folder)).toHaveLength(signal === 'SIGTERM' ? 0 : 1);
  rmSync(folder, { recursive: true });
});
