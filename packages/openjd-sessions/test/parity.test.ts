/** Lines of the feature list, and of docs/openjd-disputes.md, that no other test of sessions is about. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

import { expect, test } from 'vitest';

import { runnableExtensions } from '../src/index.ts';
import { checkSize, systemLimits } from '../src/command-size.ts';
import { readMessage } from '../src/messages.ts';
import { runJob, show, template } from './job-fixture.ts';
import { action, environment, eventually, startSession, task } from './session-fixture.ts';

test('a session says what it is: its folders, its state, its name to the callback', async () => {
  const ids = new Set<string>();
  await using heard = startSession({ sessionId: 'render-7', callback: (id) => void ids.add(id) });
  const { session, root } = heard;
  expect(dirname(session.workingDirectory)).toBe(root);
  expect(basename(session.workingDirectory)).toMatch(/^render-7.{6,}$/);
  expect(dirname(session.filesDirectory)).toBe(session.workingDirectory);
  expect(basename(session.filesDirectory)).toMatch(/^embedded_files.{6,}$/);
  await session.runTask(task('true'));
  expect([...ids]).toEqual(['render-7']);
  expect(heard.records.every(({ sessionId }) => sessionId === 'render-7')).toBe(true);
  expect(session.actionStatus).toEqual({ state: 'SUCCESS', exitCode: 0 });
});

test('what runs here can be asked: all five extensions', () => {
  expect(runnableExtensions.toSorted()).toEqual([
    'EXPR',
    'FEATURE_BUNDLE_1',
    'REDACTED_ENV_VARS',
    'TASK_CHUNKING',
    'WRAP_ACTIONS',
  ]);
});

test('every call takes variables of its own, and only for itself', async () => {
  await using heard = startSession();
  const { session } = heard;
  const look = 'echo ${A-none}';
  const { identifier } = await session.enterEnvironment({
    environment: environment('E', { enter: look, exit: look }),
    osEnvVars: { A: 'entering' },
  });
  await session.runSubprocess({ command: 'sh', args: ['-c', look], osEnvVars: { A: 'beside' } });
  await session.exitEnvironment({ identifier, osEnvVars: { A: 'leaving' }, keepSessionRunning: true });
  await session.runTask(task(look));
  expect(heard.output()).toEqual(['entering', 'beside', 'leaving', 'none']);
});

test('a subprocess has a timeout and a banner of its own', async () => {
  await using heard = startSession();
  const status = await heard.session.runSubprocess({
    command: 'sleep',
    args: ['60'],
    timeoutSeconds: 0.2,
    logBannerMessage: 'Fetching the scene',
  });
  expect(status).toMatchObject({ state: 'TIMEOUT' });
  expect(heard.records[0]).toMatchObject({ content: 'BANNER', message: 'Fetching the scene' });
});

test('records say what they are about', async () => {
  const root = mkdtempSync(join(tmpdir(), 'open'));
  const open = join(root, 'open');
  mkdirSync(open);
  chmodSync(open, 0o777);
  await using heard = startSession({ sessionRootDirectory: open });
  await heard.session.runTask(task('echo openjd_session_runtime_loglevel: DEBUG'));
  const files = [
    { name: 'F', type: 'TEXT', data: 'what is in it\necho openjd_redacted_env: S=hunter2\n' },
  ] as const;
  await heard.session.runTask({
    ...task('echo out', {}, files),
    taskParameterValues: { Frame: { type: 'INT', value: '7' } },
  });
  await heard.session.runTask(task('echo {{Nothing}}'));
  const about = (content: string) =>
    heard.records.filter((record) => record.content === content).map(({ message }) => message);
  expect(about('BANNER')).toContain('Running Task');
  expect(about('PARAMETER_INFO')).toEqual(['Frame(INT) = 7']);
  expect(about('FILE_PATH')).toEqual([expect.stringContaining('Wrote F to')]);
  expect(about('FILE_CONTENTS')).toEqual(['what is in it\necho openjd_redacted_env: ********\n']);
  expect(about('COMMAND_OUTPUT')).toContain('out');
  expect(about('PROCESS_CONTROL')).toContainEqual(expect.stringContaining('exited with code'));
  expect(about('EXCEPTION_INFO')).toEqual([expect.stringContaining('Nothing')]);
  // A root that others could rename what is in it is told of, and used: the host chose it.
  expect(about('HOST_INFO')).toEqual([expect.stringContaining('no sticky bit')]);
  await heard.session.cleanup();
  rmSync(root, { recursive: true });
});

test('an action has a session of its own, no terminal and no input', async () => {
  await using heard = startSession();
  await heard.session.runTask(task('cut -d" " -f6,7 /proc/self/stat; readlink /proc/self/fd/0'));
  const [numbers = '', input] = heard.output();
  const [session, terminal] = numbers.split(' ').map(Number);
  const own = Number(readFileSync('/proc/self/stat', 'latin1').split(') ')[1]?.split(' ')[3]);
  expect(session).toBeGreaterThan(0);
  expect(session).not.toBe(own);
  expect(terminal).toBe(0);
  expect(input).toBe('/dev/null');
});

test.each([
  ['openjd_progress: 50', { is: 'progress', percent: 50 }],
  [' openjd_progress: 50', { is: 'output' }],
  ['openjd_progress:50', { is: 'output' }],
  ['openjd_PROGRESS: 50', { is: 'output' }],
  ['openjd_status:  two spaces', { is: 'status', text: ' two spaces' }],
  ['openjd_env: A=', { is: 'env', name: 'A', value: '', secret: false }],
  ['openjd_env: A=b=c', { is: 'env', name: 'A', value: 'b=c', secret: false }],
  ['openjd_env: "A=b\\nc"', { is: 'env', name: 'A', value: 'b\nc', secret: false }],
  ['openjd_unset_env: A', { is: 'unset_env', name: 'A' }],
  ['openjd_redacted_env: A=b', { is: 'env', name: 'A', value: 'b', secret: true }],
  ['openjd_session_runtime_loglevel: ERROR', { is: 'loglevel', level: 'ERROR' }],
])('%j means %j', (line, message) => {
  expect(readMessage(line)).toEqual(message);
});

test('a notice with no time left is a kill', async () => {
  await using heard = startSession();
  const polite = action('trap "echo asked" TERM; echo ready; while :; do sleep 0.02; done', {
    cancelation: { mode: 'NOTIFY_THEN_TERMINATE', notifyPeriodInSeconds: 600 },
  });
  const running = heard.session.runTask({
    stepScript: { actions: { onRun: polite } },
    taskParameterValues: {},
  });
  await eventually(() => heard.output().includes('ready'));
  await heard.session.cancelAction({ timeLimitSeconds: 0 });
  expect(await running).toEqual({ state: 'CANCELED', exitCode: -9 });
  expect(heard.output()).toEqual(['ready']);
  expect(readdirSync(heard.session.workingDirectory)).not.toContain('cancel_info.json');
});

test('a command that the operating system would not take is named, and nothing starts', async () => {
  for (const [args, words] of [
    [
      ['x'.repeat(200_000)],
      'Argument 1 of true is too long for the operating system: 200001 bytes, at most 131072',
    ],
    [Array.from({ length: 80 }, () => 'x'.repeat(120_000)), 'The command line of true'],
  ] as const) {
    await using heard = startSession();
    const status = await heard.session.runTask({
      stepScript: { actions: { onRun: { command: 'true', args } } },
      taskParameterValues: {},
    });
    expect(status).toEqual({ state: 'FAILED', failMessage: expect.stringContaining(words) });
  }
  await using heard = startSession();
  const status = await heard.session.runTask({ ...task('true'), osEnvVars: { BIG: 'x'.repeat(140_000) } });
  expect(status.failMessage).toContain('The environment variable BIG is too long');
});

test('what the operating system takes depends on its stack', () => {
  const stack = (bytes: number | string) =>
    systemLimits('linux', `Max stack size   ${bytes}   unlimited bytes`);
  expect(stack(8 * 1024 * 1024).all).toBe(2 * 1024 * 1024 - 2048);
  expect(stack('unlimited').all).toBe(6 * 1024 * 1024 - 2048);
  expect(stack(65_536).all).toBe(128 * 1024 - 2048);
  expect(systemLimits('darwin', '').each).toBe(Infinity);
  const most = { each: 100, all: 150 };
  expect(() => checkSize({ command: 'a', args: ['é'.repeat(49)], variables: {} }, most)).not.toThrow();
  expect(() => checkSize({ command: 'a', args: ['é'.repeat(50)], variables: {} }, most)).toThrow(
    'Argument 1',
  );
});

test('a grandchild that talks for ever holds up no action for long', async () => {
  await using heard = startSession();
  const from = performance.now();
  const talks = '(while :; do echo more; sleep 0.02; done) & echo done';
  expect(await heard.session.runTask(task(talks))).toEqual({ state: 'SUCCESS', exitCode: 0 });
  // One second, and whatever a busy machine adds: held up, it would not end.
  expect(performance.now() - from).toBeLessThan(25_000);
});

test('without EXPR a chunk is two integers and a hyphen, also one of two values', async () => {
  const chunks = { defaultTaskCount: 3, rangeConstraint: 'CONTIGUOUS' };
  const parameterSpace = {
    taskParameterDefinitions: [{ name: 'Frame', type: 'CHUNK[INT]', range: '1-5', chunks }],
  };
  const script = { actions: { onRun: show('{{Task.Param.Frame}}') } };
  const steps = [{ name: 'Step', parameterSpace, script }];
  const { output } = await runJob({ template: template(['TASK_CHUNKING'], { steps }) });
  expect(output).toEqual(['<1-3>', '<4-5>']);
});
