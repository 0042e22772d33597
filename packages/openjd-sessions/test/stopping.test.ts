import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { planStop } from '../src/stop-plan.ts';
import { environment, eventually, isAlive, pidIn, startSession, task } from './session-fixture.ts';

const notify = (notifyPeriodInSeconds: number) => ({
  cancelation: { mode: 'NOTIFY_THEN_TERMINATE' as const, notifyPeriodInSeconds },
});
/** Says `ready`, then waits; `on` is what it does when it is told to end. */
const waiting = (on: string) => `trap '${on}' TERM; echo ready; while :; do sleep 0.02; done`;

test('an action without a cancelation method is killed at once', async () => {
  await using heard = startSession();
  const running = heard.session.runTask(task(waiting('echo asked')));
  await eventually(() => heard.output().includes('ready'));
  const canceled = heard.session.cancelAction();
  expect(heard.session.state).toBe('CANCELING');
  expect(await canceled).toEqual({ state: 'CANCELED', exitCode: -9 });
  expect(await running).toEqual({ state: 'CANCELED', exitCode: -9 });
  expect(heard.output()).toEqual(['ready']);
  expect(heard.statuses.filter(({ state }) => state !== 'RUNNING')).toHaveLength(1);
  expect(heard.session.state).toBe('READY_ENDING');
});

test('notify: cancel_info.json says until when, SIGTERM asks, and the action may end well', async () => {
  await using heard = startSession();
  const running = heard.session.runTask(task(waiting('cat cancel_info.json; exit 5'), notify(60)));
  await eventually(() => heard.output().includes('ready'));
  const before = Date.now();
  const canceling = heard.session.cancelAction();
  const after = Date.now();
  await canceling;
  expect(await running).toEqual({ state: 'CANCELED', exitCode: 5 });
  const { NotifyEnd } = JSON.parse(heard.output().find((line) => line.startsWith('{')) ?? '');
  expect(NotifyEnd).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  // It has whole seconds.
  expect(Date.parse(NotifyEnd)).toBeGreaterThan(before + 60_000 - 1000);
  expect(Date.parse(NotifyEnd)).toBeLessThan(after + 60_000 + 1000);
});

test('notify: SIGKILL follows for a program that does not listen', async () => {
  await using heard = startSession();
  const running = heard.session.runTask(task(waiting(''), notify(1)));
  await eventually(() => heard.output().includes('ready'));
  const from = performance.now();
  await heard.session.cancelAction();
  expect(await running).toEqual({ state: 'CANCELED', exitCode: -9 });
  expect(performance.now() - from).toBeGreaterThan(900);
});

test('a second cancel only brings the end closer, and zero is now', async () => {
  await using heard = startSession();
  const running = heard.session.runTask(task(waiting(''), notify(600)));
  await eventually(() => heard.output().includes('ready'));
  void heard.session.cancelAction();
  void heard.session.cancelAction({ timeLimitSeconds: 500 });
  expect(heard.session.state).toBe('CANCELING');
  await heard.session.cancelAction({ timeLimitSeconds: 0 });
  expect(await running).toEqual({ state: 'CANCELED', exitCode: -9 });
});

test('plan: the first reason stays, the end only moves forward', () => {
  const method = { mode: 'NOTIFY', periodSeconds: 30 } as const;
  const first = planStop({ reason: 'TIMEOUT' }, { method, now: 0, current: undefined });
  expect(first).toEqual({ reason: 'TIMEOUT', killAt: 30_000 });
  const second = planStop(
    { reason: 'CANCELED', timeLimitSeconds: 5 },
    { method, now: 10_000, current: first },
  );
  expect(second).toEqual({ reason: 'TIMEOUT', killAt: 15_000 });
  expect(planStop({ reason: 'CANCELED' }, { method, now: 12_000, current: second })).toEqual(second);
});

test('a cancel can mark the action as failed', async () => {
  await using heard = startSession();
  const running = heard.session.runTask(task('sleep 60'));
  await heard.session.cancelAction({ markActionFailed: true });
  expect(await running).toMatchObject({ state: 'FAILED' });
});

test('a timeout ends as TIMEOUT, by the method of the action', async () => {
  await using heard = startSession();
  const status = await heard.session.runTask(
    task(waiting('echo saved; exit 0'), { timeout: 1, ...notify(60) }),
  );
  expect(status).toEqual({ state: 'TIMEOUT', exitCode: 0 });
  expect(heard.output().at(-1)).toBe('saved');
  expect(heard.session.state).toBe('READY_ENDING');
});

test('a timeout far in the future does not fire at once', async () => {
  await using heard = startSession();
  expect(await heard.session.runTask(task('exit 0', { timeout: 10_000_000 }))).toMatchObject({
    state: 'SUCCESS',
  });
});

test('a timeout kills grandchildren that ignore every polite signal', async () => {
  await using heard = startSession();
  const script =
    '(trap "" INT TERM; echo $$ >/dev/null; sh -c \'echo $PPID >pid\'; sleep 60; echo never) & sleep 60';
  const running = heard.session.runTask(task(script, { timeout: 1 }));
  const pid = await pidIn(join(heard.session.workingDirectory, 'pid'));
  expect(await running).toMatchObject({ state: 'TIMEOUT' });
  expect(isAlive(pid)).toBe(false);
});

test('what was notified may use the period though its wrapper died first', async () => {
  await using heard = startSession();
  const worker = `trap 'sleep 0.3; echo saved >saved; exit 0' TERM; echo ready; while :; do sleep 0.02; done`;
  const running = heard.session.runTask(task(`(${worker}) & wait`, notify(30)));
  await eventually(() => heard.output().includes('ready'));
  await heard.session.cancelAction();
  expect(await running).toMatchObject({ state: 'CANCELED' });
  expect(readFileSync(join(heard.session.workingDirectory, 'saved'), 'utf8')).toBe('saved\n');
});

test('cancelling never throws, however it races with the end', async () => {
  for (let delay = 0; delay < 12; delay += 1) {
    await using heard = startSession();
    const running = heard.session.runTask(task('exit 0', notify(5)));
    const until = performance.now() + delay / 2;
    while (performance.now() < until) await new Promise(setImmediate);
    await heard.session.cancelAction();
    expect(['SUCCESS', 'CANCELED']).toContain((await running).state);
    expect(heard.statuses.filter(({ state }) => state !== 'RUNNING')).toHaveLength(1);
  }
});

test('cancelled before its program started, it never starts', async () => {
  await using heard = startSession();
  const running = heard.session.runTask(task('echo started'));
  void heard.session.cancelAction();
  expect(await running).toEqual({ state: 'CANCELED' });
  expect(heard.output()).toEqual([]);
});

test('cancelling a task leaves a daemon of its environment alone', async () => {
  await using heard = startSession();
  const { session } = heard;
  await session.enterEnvironment({
    environment: environment('E', { enter: 'sleep 60 >/dev/null 2>&1 & echo $! >pid' }),
    identifier: 'e',
  });
  const daemon = await pidIn(join(session.workingDirectory, 'pid'));
  const running = session.runTask(task(waiting('')));
  await eventually(() => heard.output().includes('ready'));
  await session.cancelAction();
  await running;
  expect(isAlive(daemon)).toBe(true);
  await session.cleanup();
  expect(isAlive(daemon)).toBe(false);
});
