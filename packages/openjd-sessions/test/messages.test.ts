import { join } from 'node:path';

import { expect, test } from 'vitest';

import { readMessage } from '../src/messages.ts';
import { environment, isAlive, pidIn, startSession, task } from './session-fixture.ts';

test('progress, status and fail messages become the status, each change told', async () => {
  await using heard = startSession();
  const status = await heard.session.runTask(
    task('echo openjd_progress: 12.5; echo openjd_status: half; echo openjd_fail: it broke; exit 1'),
  );
  expect(status).toEqual({
    state: 'FAILED',
    exitCode: 1,
    progress: 12.5,
    statusMessage: 'half',
    failMessage: 'it broke',
  });
  expect(heard.statuses.map(({ state, progress }) => [state, progress])).toEqual([
    ['RUNNING', undefined],
    ['RUNNING', 12.5],
    ['RUNNING', 12.5],
    ['RUNNING', 12.5],
    ['FAILED', 12.5],
  ]);
});

test('a fail message alone fails nothing: the exit code decides', async () => {
  await using heard = startSession();
  expect(await heard.session.runTask(task('echo openjd_fail: maybe'))).toMatchObject({
    state: 'SUCCESS',
    failMessage: 'maybe',
  });
});

test.each(['150', '-1', 'x', 'nan', ' '])(
  'progress %j is logged as an error and ignored',
  async (progress) => {
    await using heard = startSession();
    const status = await heard.session.runTask(task(`echo 'openjd_progress: ${progress}'`));
    expect(status).toEqual({ state: 'SUCCESS', exitCode: 0 });
    expect(heard.output()[0]).toMatch(/ -- ERROR: Progress must be a number from 0 to 100\.$/);
  },
);

test.each([
  'OPENJD_ENV: A=b',
  ' openjd_env: A=b',
  'openjd_env A=b',
  'openjd_unset_env',
  'Openjd_Redacted_Env:A=b',
  'openjd_env: noequals',
  'openjd_env: 1A=b',
  'openjd_env: "A',
  'openjd_unset_env: A-B',
])('the near-miss %j stops and fails the action', async (line) => {
  await using heard = startSession();
  const status = await heard.session.enterEnvironment({
    environment: environment('E', { enter: `echo '${line}'; sleep 30` }),
  });
  expect(status).toMatchObject({ state: 'FAILED', exitCode: -9, failMessage: expect.any(String) });
});

test('a near-miss as the very last words fails the action too, and ends what it left', async () => {
  await using heard = startSession();
  const status = await heard.session.runTask(task('sleep 60 & echo $! >pid; printf "OPENJD_ENV: A=b"'));
  expect(status).toMatchObject({ state: 'FAILED', exitCode: 0 });
  expect(isAlive(await pidIn(join(heard.session.workingDirectory, 'pid')))).toBe(false);
});

test.each([
  'openjd_environment: x',
  'an openjd_env: A=b',
  'openjd_progres: 5',
  'openjd_status:x',
  'Openjd_status: x',
])('%j is plain output', (line) => {
  expect(readMessage(line)).toEqual({ is: 'output' });
});

test('the log level that an action asks for holds for the session', async () => {
  await using heard = startSession();
  await heard.session.runTask(task('echo openjd_session_runtime_loglevel: WARNING; echo quiet'));
  await heard.session.runTask(task('echo quiet too; echo openjd_session_runtime_loglevel: INFO; echo loud'));
  await heard.session.runTask(task('echo openjd_session_runtime_loglevel: LOUD'));
  expect(heard.output()).toEqual([
    'openjd_session_runtime_loglevel: WARNING',
    'loud',
    'openjd_session_runtime_loglevel: LOUD -- ERROR: The log level must be one of ERROR, WARNING, INFO, DEBUG.',
  ]);
});

test('a redacted variable is set and never seen again, not even by line or in a command', async () => {
  const hidden = { HIDDEN: 'hunter2secret', HIDDEN_JSON: '"KEY=line-one\\nline-\\"two"' };
  await using heard = startSession({ osEnvVars: hidden });
  const { session } = heard;
  const enter = `printf '%s\\n' "openjd_redacted_env: SECRET=$HIDDEN" "openjd_redacted_env: $HIDDEN_JSON"`;
  await session.enterEnvironment({ environment: environment('E', { enter }) });
  await session.runTask(
    task('echo "got $SECRET and ${#SECRET}"; echo "$KEY"; echo openjd_status: "$SECRET"; : hunter2secret'),
  );
  expect(heard.output()).toEqual([
    'openjd_redacted_env: SECRET=********',
    'openjd_redacted_env: "KEY=********"',
    'got ******** and 13',
    '********',
    '********',
    'openjd_status: ********',
  ]);
  expect(JSON.stringify([heard.records, heard.statuses])).not.toMatch(/hunter2|line-one|two/);
});

test('without the extension such a variable is masked and not set', async () => {
  await using heard = startSession({ extensions: [] });
  await heard.session.enterEnvironment({
    environment: environment('E', { enter: 'echo openjd_redacted_env: S=hunter2secret' }),
  });
  await heard.session.runTask(task('echo ${S-none} hunter2secret'));
  expect(heard.output()).toEqual(['openjd_redacted_env: S=********', 'none ********']);
});

test('a command line that names the secret itself does not tell it before the action has', async () => {
  await using heard = startSession();
  await heard.session.enterEnvironment({
    environment: environment('E', { enter: 'echo openjd_redacted_env: S=hunter2secret' }),
  });
  expect(heard.records.filter(({ message }) => message.includes('hunter2secret'))).toEqual([]);
  expect(heard.records.map(({ message }) => message)).toContainEqual(
    expect.stringContaining('openjd_redacted_env: ********'),
  );
});

test('a secret written in two halves is masked', async () => {
  await using heard = startSession();
  await heard.session.enterEnvironment({
    environment: environment('E', { enter: 'echo openjd_redacted_env: S=hunter2secret' }),
  });
  const halves = `process.stdout.write('a hunter2'); setTimeout(() => process.stdout.write('secret b'), 150)`;
  await heard.session.runTask({
    stepScript: { actions: { onRun: { command: process.execPath, args: ['-e', halves] } } },
    taskParameterValues: {},
  });
  expect(heard.output().at(-1)).toBe('a ******** b');
});

test('half of an over-long variable is never set', async () => {
  await using heard = startSession();
  const enter = `printf 'openjd_redacted_env: S=hunter'; head -c 100000 /dev/zero | tr '\\0' x; echo`;
  const status = await heard.session.enterEnvironment({ environment: environment('E', { enter }) });
  expect(status).toMatchObject({
    state: 'FAILED',
    failMessage: expect.stringContaining('longer than 64000 bytes'),
  });
  expect(heard.output().join('')).not.toMatch(/hunter|xx/);
});
