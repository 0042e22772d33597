import { expect, test } from 'vitest';

import {
  StepDependencyGraph,
  createJob,
  decodeEnvironmentTemplate,
  decodeJobTemplate,
  preprocessJobParameters,
} from '../src/index.ts';
import type { CallerLimits, GivenValues } from '../src/index.ts';
import { job, problemsOf, step } from './template-fixture.ts';

function made(template: Record<string, unknown>, values: GivenValues = {}, limits: CallerLimits = {}) {
  const jobTemplate = decodeJobTemplate(job(template));
  const folders = { jobTemplateDir: '/tmpl', currentWorkingDir: '/cwd' };
  const jobParameterValues = preprocessJobParameters({ jobTemplate, values, ...folders });
  return createJob({ jobTemplate, jobParameterValues, limits });
}

const frames = [{ name: 'Frames', type: 'STRING', default: '1-3' }];
const frameSpace = { taskParameterDefinitions: [{ name: 'F', type: 'INT', range: '{{Param.Frames}}' }] };

test('what a template can know is filled in, what a session knows is not', () => {
  const script = {
    actions: { onRun: { command: 'render', args: ['{{Param.Frames}}', '{{Task.Param.F}}'] } },
  };
  const one = made({
    name: 'Frames {{Param.Frames}}',
    parameterDefinitions: frames,
    steps: [step({ script, parameterSpace: frameSpace })],
  });
  expect(one.name).toBe('Frames 1-3');
  expect(one.steps[0]).toMatchObject({
    script,
    parameterSpace: { taskParameterDefinitions: { F: { type: 'INT', range: '1-3' } } },
  });
});

test('what depends on values is checked again', () => {
  const steps = [step({ parameterSpace: frameSpace })];
  expect(problemsOf(() => made({ parameterDefinitions: frames, steps }, { Frames: '1-5,3' }))).toEqual([
    'steps.0.parameterSpace.taskParameterDefinitions.0.range: The range is not valid: 1-5 and 3 overlap.',
  ]);
  expect(
    problemsOf(() =>
      made({ name: '{{Param.Frames}}', parameterDefinitions: frames }, { Frames: 'x'.repeat(129) }),
    ),
  ).toEqual(['name: exceeds 128 characters.']);
});

test('associated ranges must be equally long', () => {
  const parameterSpace = {
    taskParameterDefinitions: [
      { name: 'A', type: 'INT', range: '1-10' },
      { name: 'B', type: 'INT', range: '1-2' },
    ],
    combination: '(A, B)',
  };
  expect(problemsOf(() => made({ steps: [step({ parameterSpace })] }))).toEqual([
    'steps.0.parameterSpace.combination: associated parameters must have equally many values; (A, B) have 10, 2.',
  ]);
});

test('a caller may limit the tasks of a step', () => {
  const steps = [step({ parameterSpace: frameSpace })];
  expect(() =>
    made({ parameterDefinitions: frames, steps }, { Frames: '1-1000' }, { maxTaskCount: 999 }),
  ).toThrow('has 1000 tasks; at most 999 are allowed.');
});

test('host requirements are checked with their values', () => {
  const hostRequirements = { attributes: [{ name: 'attr.worker.os.family', anyOf: ['{{Param.Os}}'] }] };
  const template = {
    parameterDefinitions: [{ name: 'Os', type: 'STRING' }],
    steps: [step({ hostRequirements })],
  };
  expect(made(template, { Os: 'linux' }).steps[0]?.hostRequirements?.attributes?.[0]?.anyOf).toEqual([
    'linux',
  ]);
  expect(() => made(template, { Os: 'beos' })).toThrow(
    "value 'beos' is not valid for attr.worker.os.family.",
  );
});

test('FEATURE_BUNDLE_1: seconds may come from parameters, and a simple action becomes a file', () => {
  const template = {
    extensions: ['FEATURE_BUNDLE_1'],
    parameterDefinitions: [{ name: 'T', type: 'INT', default: 60 }],
    steps: [{ name: '9 lives', bash: { script: 'echo {{Param.T}}', args: ['-x'], timeout: '{{Param.T}}' } }],
  };
  expect(made(template).steps[0]?.script).toEqual({
    actions: { onRun: { command: 'bash', args: ['{{Task.File._9_lives}}', '-x'], timeout: 60 } },
    embeddedFiles: [
      { name: '_9_lives', type: 'TEXT', filename: '_9_lives.sh', runnable: true, data: 'echo {{Param.T}}' },
    ],
  });
  expect(() => made(template, { T: 0 })).toThrow('timeout must be > 0.');
});

test('environments of environment templates surround those of the job', () => {
  const environmentTemplate = decodeEnvironmentTemplate({
    specificationVersion: 'environment-2023-09',
    extensions: ['REDACTED_ENV_VARS'],
    environment: { name: 'Outer', variables: { A: '1' } },
  });
  const jobTemplate = decodeJobTemplate(job({ jobEnvironments: [{ name: 'Inner', variables: { B: '2' } }] }));
  const one = createJob({ jobTemplate, jobParameterValues: {}, environmentTemplates: [environmentTemplate] });
  expect(one.jobEnvironments?.map(({ name }) => name)).toEqual(['Outer', 'Inner']);
  expect(one.extensions).toEqual(['REDACTED_ENV_VARS']);
});

test('a job is not made of values that its template does not take', () => {
  const jobTemplate = decodeJobTemplate(
    job({ parameterDefinitions: [{ name: 'N', type: 'INT', maxValue: 3 }] }),
  );
  expect(() => createJob({ jobTemplate, jobParameterValues: {} })).toThrow("Parameter 'N': has no value");
  expect(() => createJob({ jobTemplate, jobParameterValues: { N: { type: 'INT', value: '4' } } })).toThrow(
    'exceeds',
  );
  expect(() => createJob({ jobTemplate, jobParameterValues: { N: { type: 'STRING', value: '1' } } })).toThrow(
    'type',
  );
});

test('steps follow what they depend on, otherwise the order of the template', () => {
  const after = (name: string, ...before: string[]) =>
    step({ name, ...(before.length > 0 && { dependencies: before.map((dependsOn) => ({ dependsOn })) }) });
  const graph = new StepDependencyGraph(
    made({ steps: [after('D', 'B', 'C'), after('B', 'A'), after('C', 'A'), after('A')] }),
  );
  expect(graph.topologicalOrder().map(({ name }) => name)).toEqual(['A', 'B', 'C', 'D']);
  expect(graph.dependenciesOf('D').map(({ name }) => name)).toEqual(['B', 'C']);
  expect(graph.dependentsOf('A').map(({ name }) => name)).toEqual(['B', 'C']);
  expect(graph.step('X')).toBeUndefined();
});
