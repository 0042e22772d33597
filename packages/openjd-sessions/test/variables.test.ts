import { expect, test } from 'vitest';

import { environment, startSession, task } from './session-fixture.ts';

const show = task('echo ${A-none} ${B-none} ${C-none} ${D-none}');

test('later wins: process, session, call, environments in order', async () => {
  process.env.A = 'process';
  process.env.B = 'process';
  process.env.C = 'process';
  process.env.D = 'process';
  await using heard = startSession({ osEnvVars: { B: 'session', C: 'session', D: 'session' } });
  const { session } = heard;
  await session.enterEnvironment({
    environment: environment('E', { variables: { D: 'outer' } }),
    identifier: 'e',
  });

  await session.runTask({ ...show, osEnvVars: { C: 'call', D: 'call' } });
  await session.enterEnvironment({
    environment: environment('F', { variables: { D: 'inner' } }),
    identifier: 'f',
  });
  await session.runTask({ ...show, osEnvVars: { C: null } });
  await session.exitEnvironment({ identifier: 'f', keepSessionRunning: true });
  await session.runTask(show);

  expect(heard.output()).toEqual([
    'process session call outer',
    'process session none inner',
    'process session session outer',
  ]);
});

test('onEnter sees its own variables, and onExit sees what onEnter said', async () => {
  await using heard = startSession();
  const { session } = heard;
  const { identifier } = await session.enterEnvironment({
    environment: environment('E', {
      variables: { A: 'declared' },
      enter: 'echo $A; echo openjd_env: A=said',
      exit: 'echo $A',
    }),
  });
  await session.exitEnvironment({ identifier });
  expect(heard.output()).toEqual(['declared', 'openjd_env: A=said', 'said']);
});

test('openjd_env and openjd_unset_env last until the environment is left', async () => {
  await using heard = startSession({ osEnvVars: { A: 'before', B: 'before', C: 'before', D: 'before' } });
  const { session } = heard;
  const enter = `echo 'openjd_env: A=with = inside'; printf '%s\\n' 'openjd_env: "B=two\\nlines"'; echo 'openjd_env: C='; echo 'openjd_unset_env: D' >&2`;
  const { identifier } = await session.enterEnvironment({ environment: environment('E', { enter }) });
  await session.runTask(task('echo "$A|$B|$C|${D-none}"'));
  await session.exitEnvironment({ identifier, keepSessionRunning: true });
  await session.runTask(show);
  expect(heard.output().slice(4)).toEqual([
    'with = inside|two',
    'lines||none',
    'before before before before',
  ]);
});

test('what a task says with openjd_env reaches no other action', async () => {
  await using heard = startSession({ osEnvVars: { A: 'before' } });
  await heard.session.runTask(task('echo openjd_env: A=task'));
  await heard.session.runTask(task('echo $A'));
  expect(heard.output().at(-1)).toBe('before');
});

test('values arrive exactly, whatever they contain', async () => {
  const value = `$(id) \`id\` "double" 'single' \\ back\nline\ttab é 漢 \u0081\u0088 *?[a] !  trailing  `;
  await using heard = startSession({ osEnvVars: { A: value } });
  const program = {
    command: process.execPath,
    args: [
      '-e',
      'console.log(JSON.stringify([process.env.A, ...process.argv.slice(1)]))',
      '--',
      value,
      '',
      '-x',
    ],
  };
  await heard.session.runTask({ stepScript: { actions: { onRun: program } }, taskParameterValues: {} });
  expect(JSON.parse(heard.output()[0] ?? '')).toEqual([value, value, '', '-x']);
});

test('names a shell cannot hold arrive as well', async () => {
  await using heard = startSession({ osEnvVars: { 'BASH_FUNC_x%%': '() { :; }', 'a.b': '1', IFS: ':' } });
  const program = {
    command: process.execPath,
    args: ['-p', `JSON.stringify([process.env['a.b'], process.env.IFS, process.env['BASH_FUNC_x%%']])`],
  };
  const status = await heard.session.runTask({
    stepScript: { actions: { onRun: program } },
    taskParameterValues: {},
  });
  expect(status).toEqual({ state: 'SUCCESS', exitCode: 0 });
  expect(heard.output()).toEqual(['["1",":","() { :; }"]']);
});

test('an impossible variable is refused before anything starts', async () => {
  await using heard = startSession();
  await expect(heard.session.runTask({ ...show, osEnvVars: { A: 'a\0b' } })).rejects.toMatchObject({
    code: 'OPENJD_SESSION_VALUE',
  });
  expect(heard.session.state).toBe('READY');
});

test('no variable and no argument is ever on the command line of another process', async () => {
  await using heard = startSession({ osEnvVars: { A: 'hunter2secret' } });
  const look = `cat /proc/$PPID/cmdline | tr '\\0' ' '; ls -A "$PWD"/.session*/ | grep -c '^[0-9]' || true`;
  await heard.session.runTask(task(look));
  expect(heard.output().join('\n')).not.toContain('hunter2secret');
  expect(heard.output().at(-1)).toMatch(/0$/);
});
