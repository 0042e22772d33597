/** Lines of the feature list, and of docs/openjd-disputes.md, that no other test is about. */
import { expect, test } from 'vitest';

import {
  IntRange,
  IntRangeInvalid,
  StepParameterSpaceIterator,
  createJob,
  decodeEnvironmentTemplate,
  decodeJobTemplate,
  preprocessJobParameters,
} from '../src/index.ts';
import { job, problemsOf, step } from './template-fixture.ts';

const run = { command: 'run' };
const environment = (name: string, actions: object) => ({ name, script: { actions } });
const make = (template: object, values = {}) => {
  const jobTemplate = decodeJobTemplate(template);
  const folders = { jobTemplateDir: '/t', currentWorkingDir: '/c' };
  return createJob({
    jobTemplate,
    jobParameterValues: preprocessJobParameters({ jobTemplate, values, ...folders }),
  });
};

test('an environment may have onExit alone, and no script without an action', () => {
  const template = (actions: object) => job({ jobEnvironments: [environment('E', actions)] });
  expect(decodeJobTemplate(template({ onExit: run })).jobEnvironments).toHaveLength(1);
  expect(problemsOf(() => decodeJobTemplate(template({})))).toEqual([
    'jobEnvironments.0.script.actions: must define at least one of onEnter or onExit.',
  ]);
});

test('a decimal keeps its digits from the template to the task', () => {
  const taskParameterDefinitions = [{ name: 'F', type: 'FLOAT', range: ['2.50', '{{Param.F}}'] }];
  const template = job({
    parameterDefinitions: [{ name: 'F', type: 'FLOAT', default: '1.50' }],
    steps: [step({ parameterSpace: { taskParameterDefinitions } })],
  });
  const [made] = make(template).steps;
  const tasks = [...new StepParameterSpaceIterator({ space: made?.parameterSpace })];
  expect(tasks.map((task) => task['F']?.value)).toEqual(['2.50', '1.50']);
});

test.each(['1 - -1', '1-5:-1', '5-1', '1-5:0', '1-3,2'])('the range %j is refused', (range) => {
  expect(() => IntRange.parse(range)).toThrow(IntRangeInvalid);
});

test('the file of a simple action is named after its step', () => {
  const template = job({
    extensions: ['FEATURE_BUNDLE_1'],
    steps: [{ name: '9 frames', bash: { script: 'true' } }],
  });
  const [made] = make(template).steps;
  expect(made?.script).toMatchObject({
    actions: { onRun: { command: 'bash', args: ['{{Task.File._9_frames}}'] } },
    embeddedFiles: [{ name: '_9_frames', filename: '_9_frames.sh', data: 'true' }],
  });
});

const wrapping = environment('W', { onWrapEnvEnter: run, onWrapTaskRun: run, onWrapEnvExit: run });
const wraps = (fields: object) =>
  job({ extensions: ['EXPR', 'WRAP_ACTIONS', 'FEATURE_BUNDLE_1'], ...fields });

test('a session of a job has one environment that wraps, in its job or in its step', () => {
  const inner = { ...wrapping, name: 'X' };
  const rule = expect.stringContaining('at most one environment');
  expect(problemsOf(() => decodeJobTemplate(wraps({ jobEnvironments: [wrapping, inner] })))).toEqual([rule]);
  const both = wraps({ jobEnvironments: [wrapping], steps: [step({ stepEnvironments: [inner] })] });
  expect(problemsOf(() => decodeJobTemplate(both))).toEqual([rule]);
  const apart = [step({ stepEnvironments: [wrapping] }), step({ name: 'Two', stepEnvironments: [inner] })];
  expect(decodeJobTemplate(wraps({ steps: apart })).steps).toHaveLength(2);
});

test('hooks come all three or not at all', () => {
  const two = environment('W', { onWrapEnvEnter: run, onWrapTaskRun: run });
  expect(problemsOf(() => decodeJobTemplate(wraps({ jobEnvironments: [two] })))).toEqual([
    expect.stringContaining('onWrapEnvExit'),
  ]);
  expect(decodeJobTemplate(wraps({ jobEnvironments: [wrapping] })).jobEnvironments).toHaveLength(1);
});

test('a hook without its extension is refused by name, and the extension without EXPR', () => {
  expect(problemsOf(() => decodeJobTemplate(job({ jobEnvironments: [wrapping] })))).toContain(
    'jobEnvironments.0.script.actions.onWrapTaskRun: onWrapTaskRun requires the WRAP_ACTIONS extension.',
  );
  expect(problemsOf(() => decodeJobTemplate(job({ extensions: ['WRAP_ACTIONS'] })))).toEqual([
    expect.stringContaining('WRAP_ACTIONS requires EXPR'),
  ]);
});

test('files are shared by all actions, so they know nothing of the wrapped one; hooks do', () => {
  const told = { command: 'echo', args: ['{{ WrappedAction.Args }}', '{{ WrappedStep.Name }}'] };
  const script = (data: string) => ({
    specificationVersion: 'environment-2023-09',
    extensions: ['EXPR', 'WRAP_ACTIONS'],
    environment: {
      name: 'W',
      script: {
        actions: { ...wrapping.script.actions, onWrapTaskRun: told },
        embeddedFiles: [{ name: 'f', type: 'TEXT', data }],
      },
    },
  });
  expect(decodeEnvironmentTemplate(script('plain')).environment.name).toBe('W');
  expect(problemsOf(() => decodeEnvironmentTemplate(script('{{ WrappedAction.Command }}')))).toEqual([
    expect.stringContaining(
      "embeddedFiles.0.data: Failed to parse interpolation expression at [0, 27]. Undefined variable: 'WrappedAction.Command'",
    ),
  ]);
});

test('cancelation is settled with the job, but what names the wrapped action waits', () => {
  const cancelation = { mode: '{{ Param.Mode }}', notifyPeriodInSeconds: '{{ 5 + 4 }}' };
  const waits = { mode: '{{ WrappedAction.Cancelation.Mode }}' };
  const template = (mode: string) =>
    wraps({
      parameterDefinitions: [{ name: 'Mode', type: 'STRING', default: mode }],
      jobEnvironments: [
        environment('W', {
          ...wrapping.script.actions,
          onWrapTaskRun: { ...run, timeout: '{{ WrappedAction.Timeout }}', cancelation: waits },
          onEnter: { ...run, timeout: '{{ 60 * 2 }}', cancelation },
        }),
      ],
    });
  expect(make(template('NOTIFY_THEN_TERMINATE')).jobEnvironments?.[0]?.script?.actions).toMatchObject({
    onEnter: { timeout: 120, cancelation: { mode: 'NOTIFY_THEN_TERMINATE', notifyPeriodInSeconds: 9 } },
    onWrapTaskRun: { timeout: '{{ WrappedAction.Timeout }}', cancelation: waits },
  });
  expect(make(template('TERMINATE')).jobEnvironments?.[0]?.script?.actions.onEnter?.cancelation).toEqual({
    mode: 'TERMINATE',
  });
  expect(() => make(template('LATER'))).toThrow("must be TERMINATE or NOTIFY_THEN_TERMINATE, not 'LATER'");
});
