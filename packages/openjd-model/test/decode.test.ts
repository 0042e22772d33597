import { expect, test } from 'vitest';

import {
  DocumentUnreadable,
  TemplateInvalid,
  decodeEnvironmentTemplate,
  decodeJobTemplate,
} from '../src/index.ts';
import { job, problemsOf, step } from './template-fixture.ts';

test('a template may be an object, JSON or YAML', () => {
  const template = job();
  const yaml = `
specificationVersion: jobtemplate-2023-09
name: Demo
steps:
  - name: Echo
    script: { actions: { onRun: { command: echo } } }
`;
  expect(decodeJobTemplate(JSON.stringify(template))).toEqual(decodeJobTemplate(template));
  expect(decodeJobTemplate(yaml)).toEqual(decodeJobTemplate(template));
});

test('everything that is wrong is told at once, with its place', () => {
  const template = job({
    name: '',
    steps: [step({ colour: 'red' }), step({ name: 'B', script: { actions: { onRun: { command: '' } } } })],
  });
  expect(() => decodeJobTemplate(template)).toThrow(
    [
      '3 validation errors for JobTemplate',
      'name:\n\tmust not be empty.',
      'steps[0]:\n\tunknown field `colour`',
    ].join('\n'),
  );
  expect(() => decodeJobTemplate(template)).toThrow(
    'steps[1] -> script -> actions -> onRun -> command:\n\tmust not be empty.',
  );
});

test('a repeated key is a mistake, told with its line', () => {
  const yaml = 'specificationVersion: jobtemplate-2023-09\nname: A\nname: B\nsteps: []\n';
  expect(() => decodeJobTemplate(yaml)).toThrow(DocumentUnreadable);
  expect(() => decodeJobTemplate(yaml)).toThrow(/duplicate.*line 3/);
});

test('aliases count every time they are used', () => {
  const doubling = Array.from(
    { length: 25 },
    (_, level) => `a${level + 1}: &a${level + 1} [*a${level}, *a${level}]`,
  );
  expect(() => decodeJobTemplate(['a0: &a0 [x]', ...doubling].join('\n'))).toThrow(
    'more than 1000000 values',
  );
});

test('a template is neither too deep nor too large', () => {
  const deep = `${'['.repeat(200)}${']'.repeat(200)}`;
  expect(() => decodeJobTemplate(deep)).toThrow(DocumentUnreadable);
  const circle: Record<string, unknown> = {};
  circle['self'] = circle;
  expect(() => decodeJobTemplate(circle)).toThrow('nested deeper than 128 levels');
  expect(() => decodeJobTemplate(JSON.stringify(job()), { limits: { maxTemplateSize: 20 } })).toThrow(
    '20 are allowed',
  );
});

test('a template of the other kind is named as such', () => {
  expect(() => decodeEnvironmentTemplate(job())).toThrow('is not an Environment Template version');
  expect(() => decodeJobTemplate({})).toThrow('missing Open Job Description schema version key');
});

test('an extension must be implemented, and supported by the caller', () => {
  const template = job({ extensions: ['TASK_CHUNKING'] });
  expect(decodeJobTemplate(template).extensions).toEqual(['TASK_CHUNKING']);
  expect(problemsOf(() => decodeJobTemplate(template, { supportedExtensions: [] }))).toEqual([
    'extensions: Unsupported extension names: TASK_CHUNKING',
  ]);
  expect(() => decodeJobTemplate(job({ extensions: ['TELEPORT'] }))).toThrow(
    'Unsupported extension names: TELEPORT',
  );
});

test('FEATURE_BUNDLE_1 widens names and allows simple actions', () => {
  const name = 'n'.repeat(200);
  const wide = job({ name, steps: [{ name: 'S', bash: { script: 'echo hi' } }] });
  expect(problemsOf(() => decodeJobTemplate(wide))).toEqual([
    'name: exceeds 128 characters.',
    "steps.0.bash: 'bash' requires the FEATURE_BUNDLE_1 extension.",
  ]);
  expect(decodeJobTemplate({ ...wide, extensions: ['FEATURE_BUNDLE_1'] }).name).toBe(name);
});

test('lengths are counted in characters, not in bytes or halves', () => {
  expect(decodeJobTemplate(job({ name: '🎬'.repeat(128) })).name).toHaveLength(256);
  expect(() => decodeJobTemplate(job({ name: '🎬'.repeat(129) }))).toThrow('exceeds 128 characters');
});

test('a name exists only in its scope, and the nearest one is suggested', () => {
  const template = job({
    name: 'Render {{ Param.Scene }}',
    parameterDefinitions: [{ name: 'Scene', type: 'PATH' }],
    steps: [
      step({
        script: { actions: { onRun: { command: 'x', args: ['{{Task.Param.Frame}}', '{{Param.Scene}}'] } } },
      }),
    ],
  });
  expect(problemsOf(() => decodeJobTemplate(template))).toEqual([
    "name: Failed to parse interpolation expression at [7, 24]. Undefined variable: 'Param.Scene'. Did you mean: RawParam.Scene",
    expect.stringContaining("Undefined variable: 'Task.Param.Frame'"),
  ]);
});

test('steps may not wait for each other in a circle', () => {
  const steps = [
    step({ name: 'A', dependencies: [{ dependsOn: 'B' }] }),
    step({ name: 'B', dependencies: [{ dependsOn: 'A' }] }),
  ];
  expect(problemsOf(() => decodeJobTemplate(job({ steps })))).toEqual([
    ': step dependencies contain a cycle.',
  ]);
});

test('a long chain of steps costs no stack', () => {
  const chain = Array.from({ length: 20_000 }, (_, index) =>
    step({ name: `S${index}`, ...(index > 0 && { dependencies: [{ dependsOn: `S${index - 1}` }] }) }),
  );
  expect(decodeJobTemplate(job({ steps: chain.toReversed() })).steps).toHaveLength(20_000);
});

test('a caller may allow less than the specification', () => {
  const template = job({ steps: [step({ name: 'A' }), step({ name: 'B' })] });
  expect(() => decodeJobTemplate(template, { limits: { maxStepCount: 1 } })).toThrow(TemplateInvalid);
  expect(() => decodeJobTemplate(template, { limits: { maxStepScriptSize: 10 } })).toThrow(
    'larger than 10 characters',
  );
});

test('an embedded file stays in its folder', () => {
  const withFile = (filename: string) =>
    job({
      steps: [
        step({
          script: {
            actions: { onRun: { command: '{{Task.File.run}}' } },
            embeddedFiles: [{ name: 'run', type: 'TEXT', filename, data: 'x' }],
          },
        }),
      ],
    });
  for (const filename of ['../run.sh', 'a\\run.sh', '..'])
    expect(() => decodeJobTemplate(withFile(filename))).toThrow('embeddedFiles[0] -> filename');
  expect(decodeJobTemplate(withFile('run.sh')).steps).toHaveLength(1);
});

const withRange = (definition: Record<string, unknown>, combination?: string) =>
  job({
    steps: [
      step({
        parameterSpace: {
          taskParameterDefinitions: [{ name: 'A', ...definition }],
          ...(combination === undefined ? {} : { combination }),
        },
      }),
    ],
  });

test.each([
  [
    'a NUL in an argument',
    job({ steps: [step({ script: { actions: { onRun: { command: 'x', args: ['a\0'] } } } })] }),
  ],
  ['null for an optional field', job({ description: null })],
  ['a maxLength of 0', job({ parameterDefinitions: [{ name: 'P', type: 'STRING', maxLength: 0 }] })],
  ['a name that no record can hold', job({ parameterDefinitions: [{ name: '__proto__', type: 'STRING' }] })],
  ['an empty path', withRange({ type: 'PATH', range: [''] })],
  ['true for a number', withRange({ type: 'FLOAT', range: [true] })],
  ['a tab in a combination', withRange({ type: 'INT', range: '1-2' }, '\tA')],
  ['a plus sign in a range', withRange({ type: 'INT', range: '1-5:+2' })],
  ['1025 values', withRange({ type: 'INT', range: Array.from({ length: 1025 }, (_, index) => index) })],
])('%s is refused', (_, template) => {
  expect(problemsOf(() => decodeJobTemplate(template))).toHaveLength(1);
});

test.each([
  ['an empty string', withRange({ type: 'STRING', range: [''] })],
  ['a group of one', withRange({ type: 'INT', range: '1-2' }, '(A)')],
  ['a spaced range', withRange({ type: 'INT', range: ' - 5 - 5 : 2 ' })],
  [
    'lines in an argument',
    job({ steps: [step({ script: { actions: { onRun: { command: 'x', args: ['a\nb'] } } } })] }),
  ],
])('%s is accepted', (_, template) => {
  expect(decodeJobTemplate(template).name).toBe('Demo');
});

test('a capability named like what every object has is a mistake like any other', () => {
  const script = { actions: { onRun: { command: 'true' } } };
  const hostRequirements = { attributes: [{ name: '__proto__', anyOf: ['linux'] }] };
  const template = {
    specificationVersion: 'jobtemplate-2023-09',
    name: 'J',
    steps: [{ name: 'S', hostRequirements, script }],
  };
  expect(() => decodeJobTemplate(template)).toThrow(/attributes\[0\]/);
});
