import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { withDescendants } from '../src/process-walk.ts';
import {
  childProcesses,
  environment,
  eventually,
  isAlive,
  openDescriptors,
  pidIn,
  startSession,
  task,
} from './session-fixture.ts';

const escapee = (how: string) => `${how} sh -c 'echo $$ >pid; exec sleep 60' >/dev/null 2>&1 & `;

test('an action ends with its program though a grandchild holds its output', async () => {
  await using heard = startSession();
  const from = performance.now();
  const status = await heard.session.runTask(task('sleep 60 & echo done'));
  expect(status).toEqual({ state: 'SUCCESS', exitCode: 0 });
  // The grandchild holds it for sixty.
  expect(performance.now() - from).toBeLessThan(25_000);
  expect(heard.output()).toEqual(['done']);
});

test('what a grandchild says later is logged and not obeyed', async () => {
  await using heard = startSession();
  const { session } = heard;
  await session.runTask(
    task('(while ! test -e go; do sleep 0.02; done; echo openjd_progress: 99; echo OPENJD_ENV: A=b) & '),
  );
  const status = await session.runTask(task('touch go; sleep 0.3'));
  await eventually(() => heard.output().length === 2);
  expect(status).toEqual({ state: 'SUCCESS', exitCode: 0 });
  expect(heard.output()[0]).toBe('openjd_progress: 99');
  expect(heard.statuses.map(({ state }) => state)).toEqual(['RUNNING', 'SUCCESS', 'RUNNING', 'SUCCESS']);
});

test.each(['setsid', 'setsid setsid', 'env -u OPENJD_SESSION_MARK setsid'])(
  'a cancel kills what escaped with %s',
  async (how) => {
    await using heard = startSession();
    const running = heard.session.runTask(task(`${escapee(how)} sleep 60`));
    const pid = await pidIn(join(heard.session.workingDirectory, 'pid'));
    await heard.session.cancelAction();
    expect(await running).toMatchObject({ state: 'CANCELED' });
    expect(isAlive(pid)).toBe(false);
  },
);

test('a double fork whose parents are gone is killed when the session ends', async () => {
  await using heard = startSession();
  await heard.session.runTask(task(`(setsid sh -c "${escapee('').replaceAll('$', '\\$')}" &) ; exit 0`));
  const pid = await pidIn(join(heard.session.workingDirectory, 'pid'));
  expect(isAlive(pid)).toBe(true);
  await heard.session.cleanup();
  expect(isAlive(pid)).toBe(false);
});

test('a process that forgot its mark is known by the pipe it holds', async () => {
  await using heard = startSession();
  await heard.session.runTask(
    task(`env -i PATH="$PATH" setsid sh -c 'echo $$ >pid; exec sleep 60' & sleep 0.1`),
  );
  const pid = await pidIn(join(heard.session.workingDirectory, 'pid'));
  await heard.session.cleanup();
  expect(isAlive(pid)).toBe(false);
});

test('descent is followed through any number of generations', () => {
  const entry = (pid: number, parent: number) => ({ pid, parent, group: 0, startTicks: 0, name: '' });
  const all = [entry(5, 4), entry(4, 3), entry(3, 2), entry(9, 1)];
  expect(
    withDescendants(all, ({ pid }) => pid === 3)
      .map(({ pid }) => pid)
      .toSorted(),
  ).toEqual([3, 4, 5]);
});

test('another session is never touched', async () => {
  await using one = startSession();
  await using other = startSession();
  const running = other.session.runTask(task('echo ready; sleep 1; echo whole'));
  await eventually(() => other.output().includes('ready'));
  const canceled = one.session.runTask(task('sleep 60'));
  await one.session.cancelAction();
  await canceled;
  await one.session.cleanup();
  expect(await running).toMatchObject({ state: 'SUCCESS' });
  expect(other.output()).toEqual(['ready', 'whole']);
});

test('200 quick tasks and their session leave no descriptor, no process and no folder', async () => {
  const before = { descriptors: openDescriptors().length, children: childProcesses() };
  const heard = startSession();
  await heard.session.enterEnvironment({ environment: environment('E', { enter: 'true' }) });
  await heard.session.runTask(task('exit 0'));
  const during = openDescriptors().length;
  for (let count = 0; count < 200; count += 1) {
    expect(await heard.session.runTask(task('exit 0'))).toEqual({ state: 'SUCCESS', exitCode: 0 });
  }
  expect(openDescriptors().length).toBeLessThanOrEqual(during);
  // Pipes are used again, start-up scripts are emptied: the session's own folder does not grow.
  const own = readdirSync(heard.session.workingDirectory).find((name) => name.startsWith('.session')) ?? '';
  expect(readdirSync(join(heard.session.workingDirectory, own)).length).toBeLessThan(10);
  await heard.session.cleanup();
  expect(existsSync(heard.session.workingDirectory)).toBe(false);
  await eventually(() => openDescriptors().length <= before.descriptors);
  expect(childProcesses()).toEqual(before.children);
  await heard[Symbol.asyncDispose]();
});
