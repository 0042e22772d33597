/** The subshell that waits for the next action before there is one: nobody sees it, and nothing is done twice. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { readProcesses } from '../src/process-identity.ts';
import { childProcesses, environment, eventually, startSession, task } from './session-fixture.ts';
import type { Heard } from './session-fixture.ts';

/** A session whose shell runs, and who waits in it. */
async function readySession(): Promise<Heard & { shell: number; waiting: () => Promise<number> }> {
  const before = childProcesses();
  const heard = startSession();
  await heard.session.runTask(task('exit 0'));
  const [shell] = childProcesses().filter((pid) => !before.includes(pid));
  const waiting = async () => {
    const found = () => readProcesses().find(({ parent }) => parent === Number(shell))?.pid;
    await eventually(() => found() !== undefined);
    return found()!;
  };
  return { ...heard, shell: Number(shell), waiting };
}

const killed = ({ records }: Heard) => records.filter(({ message }) => message.startsWith('Killed process'));

test('it becomes the next action', async () => {
  await using heard = await readySession();
  const pid = await heard.waiting();
  await heard.session.runTask(task('echo $$'));
  expect(heard.output()).toEqual([String(pid)]);
});

test('it is no process that an action or a session left', async () => {
  await using heard = await readySession();
  await heard.session.enterEnvironment({ environment: environment('E', { enter: 'exit 0' }) });
  const notified = { cancelation: { mode: 'NOTIFY_THEN_TERMINATE', notifyPeriodInSeconds: 60 } } as const;
  const running = heard.session.runTask(task('echo ready; exec sleep 60', notified));
  await eventually(() => heard.output().includes('ready'));
  const from = performance.now();
  await heard.session.cancelAction();
  expect(await running).toEqual({ state: 'CANCELED', exitCode: -15 });
  expect(performance.now() - from).toBeLessThan(20_000);
  await heard.session.cleanup();
  expect(killed(heard)).toEqual([]);
});

test('a signal to the group reaches the program as it would anywhere, and not who waits', async () => {
  await using heard = await readySession();
  const pid = await heard.waiting();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.kill(-heard.shell, signal);
  // Without a program: while a shell starts one, it blocks all signals itself.
  const told = 'while read -r n m; do case $n in SigIgn:|SigBlk:) echo $n $m;; esac; done </proc/$$/status';
  await heard.session.runTask(task(`echo $$; ${told}`));
  const [own, ...masks] = heard.output();
  expect(own).toBe(String(pid));
  const [int, term] = [1n << 1n, 1n << 14n];
  for (const mask of masks) expect(BigInt(`0x${mask.split(/\s+/)[1]}`) & (int | term)).toBe(0n);
  expect(masks).toHaveLength(2);
});

test('one that somebody killed is replaced', async () => {
  await using heard = await readySession();
  const pid = await heard.waiting();
  process.kill(pid, 'SIGKILL');
  await eventually(() => !readProcesses().some((entry) => entry.pid === pid));
  expect(await heard.session.runTask(task('echo once'))).toEqual({ state: 'SUCCESS', exitCode: 0 });
  expect(heard.output()).toEqual(['once']);
});

test('what it was told is done once when it is killed before it began', async () => {
  await using heard = await readySession();
  const file = join(heard.session.workingDirectory, 'done');
  writeFileSync(file, '');
  const exit = { exit: 'echo exit >>done' };
  await heard.session.enterEnvironment({ environment: environment('E', exit), identifier: 'E' });
  const pid = await heard.waiting();
  process.kill(pid, 'SIGSTOP');
  await eventually(() => /\) T /.test(readFileSync(`/proc/${pid}/stat`, 'latin1')));
  const running = heard.session.runTask(task('echo task >>done'));
  await eventually(() => heard.records.some(({ message }) => message.startsWith('Running command')));
  process.kill(pid, 'SIGKILL');
  expect(await running).toEqual({ state: 'SUCCESS', exitCode: 0 });
  expect(await heard.session.exitEnvironment({ identifier: 'E' })).toMatchObject({ state: 'SUCCESS' });
  expect(await heard.waiting()).not.toBe(pid);
  expect(readFileSync(file, 'utf8')).toBe('task\nexit\n');
  await heard.session.cleanup();
  expect(existsSync(`/proc/${heard.shell}`)).toBe(false);
});
