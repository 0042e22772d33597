/** WRAP_ACTIONS, as RFC 0008 tells it. */
import { expect, test } from 'vitest';

import { EnvironmentOrderError } from '../src/index.ts';
import { environmentTemplate, runJob, show, template } from './job-fixture.ts';
import { startSession } from './session-fixture.ts';

const extensions = ['WRAP_ACTIONS', 'EXPR', 'FEATURE_BUNDLE_1'];
const sh = (script: string) => ({ command: 'sh', args: ['-c', script] });

/** Runs the wrapped command, after it named itself and what it wraps. */
const through = (hook: string, owner: string, more: object = {}) => ({
  command: 'sh',
  args: [
    '-c',
    'echo "$1 of $2"; shift 2; exec "$@"',
    'wrap',
    hook,
    `{{ ${owner}.Name }}`,
    '{{ WrappedAction.Command }}',
    '{{ WrappedAction.Args }}',
  ],
  ...more,
});

const hooks = {
  onWrapEnvEnter: through('enter', 'WrappedEnv'),
  onWrapTaskRun: through('task', 'WrappedStep'),
  onWrapEnvExit: through('exit', 'WrappedEnv'),
};

const wrapper = (actions: object = {}, more: object = {}) =>
  environmentTemplate(extensions, {
    name: 'W',
    script: { actions: { onEnter: show('W in'), ...hooks, onExit: show('W out'), ...actions }, ...more },
  });

const job = (fields: object) => template(['TASK_CHUNKING'], { steps: [{ name: 'S', ...fields }] });
const onRun = (action: object) => ({ script: { actions: { onRun: action } } });
const inner = (actions: object, more: object = {}) => ({ name: 'B', script: { actions }, ...more });
const states = ({ ends }: { ends: readonly { state: string }[] }) => ends.map(({ state }) => state);

test('what is inside is wrapped, its own actions are not, and templates inside know nothing of it', async () => {
  const { output } = await runJob({
    environments: [wrapper()],
    template: job({
      stepEnvironments: [inner({ onEnter: show('B in'), onExit: show('B out') })],
      ...onRun(show('run')),
    }),
  });
  expect(output).toEqual([
    '<W in>',
    'enter of B',
    '<B in>',
    'task of S',
    '<run>',
    'exit of B',
    '<B out>',
    '<W out>',
  ]);
});

test('what is outside is not wrapped', async () => {
  const { output } = await runJob({
    environments: [environmentTemplate(['EXPR'], inner({ onEnter: show('outer') })), wrapper()],
    template: job(onRun(show('run'))),
  });
  expect(output).toEqual(['<outer>', '<W in>', 'task of S', '<run>', '<W out>']);
});

test('a hook stands for an action: where there is none it does not run', async () => {
  const { output } = await runJob({
    environments: [wrapper()],
    template: job({
      stepEnvironments: [
        inner({ onEnter: show('B in') }),
        { name: 'V', variables: { A: 'b' } },
        inner({ onExit: show('C out') }, { name: 'C' }),
      ],
      ...onRun(show('run')),
    }),
  });
  expect(output).toEqual([
    '<W in>',
    'enter of B',
    '<B in>',
    'task of S',
    '<run>',
    'exit of C',
    '<C out>',
    '<W out>',
  ]);
});

test('hooks alone make an environment', async () => {
  const { output } = await runJob({
    environments: [environmentTemplate(extensions, { name: 'W', script: { actions: hooks } })],
    template: job(onRun(show('run'))),
  });
  expect(output).toEqual(['task of S', '<run>']);
});

test('the environment is what environments set so far, and what the action is about to set', async () => {
  const hook = show('{{ WrappedAction.Environment }}');
  const { output } = await runJob({
    environments: [
      wrapper({
        onEnter: sh('echo openjd_env: ID=1=2; echo openjd_env: GONE=x'),
        onWrapEnvEnter: {
          ...hook,
          args: [
            ...hook.args.slice(0, 1),
            'echo openjd_env: INNER=3; printf "<%s>" "$@"; echo',
            ...hook.args.slice(2),
          ],
        },
        onWrapTaskRun: hook,
        onExit: sh('true'),
      }),
    ],
    template: job({
      stepEnvironments: [
        inner({ onEnter: sh('echo never run') }, { variables: { OWN: 'v' } }),
        inner({ onEnter: sh('true') }, { name: 'C' }),
      ],
      ...onRun(show('run')),
    }),
  });
  expect(output.filter((line) => line.startsWith('<'))).toEqual([
    '<ID=1=2><GONE=x><OWN=v>',
    '<ID=1=2><GONE=x><OWN=v><INNER=3>',
    '<ID=1=2><GONE=x><OWN=v><INNER=3>',
  ]);
});

test('the wrapped files are written where the wrapped command looks for them', async () => {
  const { output } = await runJob({
    environments: [wrapper({}, { embeddedFiles: [{ name: 'f', type: 'TEXT', data: 'of W' }] })],
    template: job({
      script: {
        actions: { onRun: { command: 'cat', args: ['{{Task.File.f}}'] } },
        embeddedFiles: [{ name: 'f', type: 'TEXT', data: 'of S' }],
      },
    }),
  });
  expect(output).toEqual(['<W in>', 'task of S', 'of S', '<W out>']);
});

const told = show(
  '{{ WrappedAction.Timeout }}',
  '{{ WrappedAction.Cancelation.Mode }}',
  '{{ WrappedAction.Cancelation.NotifyPeriodInSeconds }}',
  '{{ WrappedAction.Cancelation.Mode or "none" }}',
);

test.each([
  ['nothing', {}, '<none>'],
  ['TERMINATE', { timeout: 5, cancelation: { mode: 'TERMINATE' } }, '<5><TERMINATE><TERMINATE>'],
  [
    'a period',
    { cancelation: { mode: 'NOTIFY_THEN_TERMINATE', notifyPeriodInSeconds: 9 } },
    '<NOTIFY_THEN_TERMINATE><9><NOTIFY_THEN_TERMINATE>',
  ],
  [
    'no period',
    { cancelation: { mode: 'NOTIFY_THEN_TERMINATE' } },
    '<NOTIFY_THEN_TERMINATE><120><NOTIFY_THEN_TERMINATE>',
  ],
])('a hook knows how long a task may take, and how it ends: %s', async (_what, more, expected) => {
  const { output } = await runJob({
    environments: [wrapper({ onWrapTaskRun: told })],
    template: job(onRun({ command: 'true', ...more })),
  });
  expect(output[1]).toBe(expected);
});

test('an environment has 30 seconds of notice', async () => {
  const { output } = await runJob({
    environments: [wrapper({ onWrapEnvEnter: told })],
    template: job({
      stepEnvironments: [
        inner({ onEnter: { command: 'true', cancelation: { mode: 'NOTIFY_THEN_TERMINATE' } } }),
      ],
      ...onRun(show('run')),
    }),
  });
  expect(output[1]).toBe('<NOTIFY_THEN_TERMINATE><30><NOTIFY_THEN_TERMINATE>');
});

const forwarding = {
  timeout: '{{ WrappedAction.Timeout }}',
  cancelation: {
    mode: '{{ WrappedAction.Cancelation.Mode }}',
    notifyPeriodInSeconds: '{{ WrappedAction.Cancelation.NotifyPeriodInSeconds }}',
  },
};

test('a hook may take over timeout and cancelation, whatever the wrapped action says of them', async () => {
  const patient = sh('trap "echo asked; exit 3" TERM; sleep 30 & wait');
  const run = (more: object) =>
    runJob({
      environments: [wrapper({ onWrapTaskRun: through('task', 'WrappedStep', forwarding) })],
      template: job(onRun({ ...patient, timeout: 1, ...more })),
    });
  const notified = await run({ cancelation: { mode: 'NOTIFY_THEN_TERMINATE', notifyPeriodInSeconds: 20 } });
  expect(notified.output).toContain('asked');
  expect(states(notified)).toEqual(['SUCCESS', 'TIMEOUT', 'SUCCESS']);
  const killed = await run({});
  expect(killed.output).not.toContain('asked');
  expect(states(killed)).toEqual(['SUCCESS', 'TIMEOUT', 'SUCCESS']);
});

test('a mode that is none fails the action', async () => {
  const cancelation = { mode: '{{ WrappedAction.Command }}' };
  const { ends } = await runJob({
    environments: [wrapper({ onWrapTaskRun: { command: 'true', cancelation } })],
    template: job(onRun(show('run'))),
  });
  expect(ends[1]).toMatchObject({ state: 'FAILED', failMessage: expect.stringContaining('"sh"') });
});

test('the exit code is that of the hook, and a failed enter is still left, wrapped', async () => {
  const run = await runJob({
    environments: [wrapper({ onWrapEnvEnter: sh('exit 7') })],
    template: job({
      stepEnvironments: [inner({ onEnter: show('B in'), onExit: show('B out') })],
      ...onRun(show('run')),
    }),
  });
  expect(run.ends[1]).toMatchObject({ state: 'FAILED', exitCode: 7 });
  expect(run.output).toEqual(['<W in>', 'exit of B', '<B out>', '<W out>']);
  const failing = await runJob({ environments: [wrapper()], template: job(onRun(sh('exit 5'))) });
  expect(failing.ends[1]).toMatchObject({ state: 'FAILED', exitCode: 5 });
  expect(failing.output.at(-1)).toBe('<W out>');
});

test('a session has one layer of wrapping: two are refused before anything is entered', async () => {
  const two = runJob({ environments: [wrapper(), wrapper()], template: job(onRun(show('run'))) });
  await expect(two).rejects.toThrow('at most one environment');

  await using heard = startSession();
  const environment = { name: 'W', script: { actions: { onEnter: sh('true'), ...hooks } } };
  await heard.session.enterEnvironment({ environment });
  await expect(heard.session.enterEnvironment({ environment })).rejects.toThrow(EnvironmentOrderError);
  expect(heard.session.environmentsEntered).toHaveLength(1);
});
