import { existsSync } from 'node:fs';

import { expect, test } from 'vitest';

import { EnvironmentOrderError, Session, SessionStateError } from '../src/index.ts';
import { environment, startSession, task } from './session-fixture.ts';

test('a task that succeeds leaves the session ready, and its status is told once', async () => {
  await using heard = startSession();
  const { session } = heard;
  expect(session.state).toBe('READY');
  expect(session.actionStatus).toBeUndefined();

  const running = session.runTask(task('exit 0'));
  expect(session.state).toBe('RUNNING');

  expect(await running).toEqual({ state: 'SUCCESS', exitCode: 0 });
  expect(session.state).toBe('READY');
  expect(heard.statuses).toEqual([{ state: 'RUNNING' }, { state: 'SUCCESS', exitCode: 0 }]);
});

test('after a failed task environments can only be left', async () => {
  await using heard = startSession();
  const { session } = heard;
  const { identifier } = await session.enterEnvironment({
    environment: environment('E', { exit: 'echo left' }),
  });

  expect(await session.runTask(task('exit 3'))).toEqual({ state: 'FAILED', exitCode: 3 });

  expect(session.state).toBe('READY_ENDING');
  await expect(session.runTask(task('true'))).rejects.toThrow(SessionStateError);
  await expect(session.enterEnvironment({ environment: environment('F', {}) })).rejects.toThrow(
    SessionStateError,
  );
  await expect(session.runSubprocess({ command: 'true' })).rejects.toThrow(SessionStateError);
  expect(await session.exitEnvironment({ identifier })).toMatchObject({ state: 'SUCCESS' });
  expect(heard.output()).toEqual(['left']);
});

test('one action at a time', async () => {
  await using heard = startSession();
  const { session } = heard;
  const running = session.runTask(task('sleep 20'));
  await expect(session.runTask(task('true'))).rejects.toMatchObject({ code: 'OPENJD_SESSION_STATE' });
  await session.cancelAction();
  expect(await running).toMatchObject({ state: 'CANCELED' });
});

test('leaving an environment ends the session, unless it is kept running', async () => {
  await using heard = startSession();
  const { session } = heard;
  const first = await session.enterEnvironment({ environment: environment('A', {}) });
  const second = await session.enterEnvironment({ environment: environment('B', {}) });

  await session.exitEnvironment({ identifier: second.identifier, keepSessionRunning: true });
  expect(session.state).toBe('READY');
  await session.exitEnvironment({ identifier: first.identifier });
  expect(session.state).toBe('READY_ENDING');
});

test('keeping the session running does not undo an ending', async () => {
  await using heard = startSession();
  const { session } = heard;
  const { identifier } = await session.enterEnvironment({ environment: environment('A', {}) });
  await session.runTask(task('exit 1'));
  await session.exitEnvironment({ identifier, keepSessionRunning: true });
  expect(session.state).toBe('READY_ENDING');
});

test('environments are left in the reverse order, and identifiers are unique', async () => {
  await using heard = startSession();
  const { session } = heard;
  await session.enterEnvironment({ environment: environment('A', {}), identifier: 'a' });
  await session.enterEnvironment({ environment: environment('B', {}), identifier: 'b' });
  expect(session.environmentsEntered).toEqual(['a', 'b']);

  await expect(session.exitEnvironment({ identifier: 'a' })).rejects.toThrow(EnvironmentOrderError);
  await expect(session.exitEnvironment({ identifier: 'none' })).rejects.toThrow('cannot be left now');
  await expect(
    session.enterEnvironment({ environment: environment('C', {}), identifier: 'a' }),
  ).rejects.toThrow('already been entered');
  expect(session.state).toBe('READY');
  expect(session.environmentsEntered).toEqual(['a', 'b']);
});

test('an environment whose onEnter failed still has to be left', async () => {
  await using heard = startSession();
  const { session } = heard;
  const entered = await session.enterEnvironment({
    environment: environment('E', { enter: 'exit 4', exit: 'echo out' }),
  });

  expect(entered).toEqual({ identifier: entered.identifier, state: 'FAILED', exitCode: 4 });
  expect(session.environmentsEntered).toEqual([entered.identifier]);
  await session.exitEnvironment({ identifier: entered.identifier });
  expect(heard.output()).toEqual(['out']);
});

test('a program that does not exist, and a file that may not be executed, fail in words', async () => {
  for (const [command, words] of [
    ['no-such-program', 'was not found in PATH'],
    ['{{Session.PathMappingRulesFile}}', 'may not be executed'],
    ['./absent', 'There is no program'],
  ] as const) {
    await using heard = startSession();
    const status = await heard.session.runTask({
      stepScript: { actions: { onRun: { command } } },
      taskParameterValues: {},
    });
    expect(status).toEqual({ state: 'FAILED', failMessage: expect.stringContaining(words) });
    expect(heard.session.state).toBe('READY_ENDING');
    expect(heard.statuses).toHaveLength(1);
  }
});

test('exit codes are told as they are, signals as minus their number', async () => {
  for (const [script, exitCode] of [
    ['exit 7', 7],
    ['exit 143', 143],
    ['kill -TERM $$', -15],
    ['kill -KILL $$', -9],
    ['kill -SEGV $$', -11],
  ] as const) {
    await using heard = startSession();
    expect(await heard.session.runTask(task(script))).toEqual({ state: 'FAILED', exitCode });
  }
});

test('a callback that throws is logged and harms nothing', async () => {
  await using heard = startSession({
    callback: () => {
      throw new Error('my mistake');
    },
  });
  expect(await heard.session.runTask(task('exit 0'))).toMatchObject({ state: 'SUCCESS' });
  expect(
    heard.records.filter(({ content }) => content === 'EXCEPTION_INFO').map(({ message }) => message),
  ).toEqual(["The session's callback failed: my mistake", "The session's callback failed: my mistake"]);
});

test('after cleanup nothing can begin, and cleaning twice is cleaning once', async () => {
  await using heard = startSession();
  const { session } = heard;
  await Promise.all([session.cleanup(), session.cleanup()]);
  expect(session.state).toBe('ENDED');
  await expect(session.runTask(task('true'))).rejects.toThrow('while the session is ENDED');
  expect(await session.cancelAction()).toBeUndefined();
});

test('cleanup kills what runs', async () => {
  await using heard = startSession();
  const running = heard.session.runTask(task('sleep 60'));
  await heard.session.cleanup();
  expect(await running).toMatchObject({ state: 'CANCELED' });
});

test('a subprocess of the host runs with or without what environments set', async () => {
  await using heard = startSession();
  const { session } = heard;
  await session.enterEnvironment({ environment: environment('E', { variables: { FOO: 'set' } }) });
  const call = { command: 'sh', args: ['-c', 'echo ${FOO-none} {{literal}}'] };
  await session.runSubprocess(call);
  await session.runSubprocess({ ...call, useSessionEnvVars: false });
  expect(heard.output()).toEqual(['set {{literal}}', 'none {{literal}}']);
});

test('`await using` ends a session however its block is left', async () => {
  let folder = '';
  const leave = async () => {
    await using session = new Session({ sessionId: 'left', jobParameterValues: {} });
    folder = session.workingDirectory;
    void session.runTask(task('sleep 60'));
    throw new Error('left early');
  };
  await expect(leave()).rejects.toThrow('left early');
  expect(existsSync(folder)).toBe(false);
});
