/** Templates line by line of the feature list: what is refused, and what is accepted. */
import { expect, test } from 'vitest';

import { decodeJobTemplate, implementedExtensions } from '../src/index.ts';
import {
  faults,
  wide,
  onRun,
  withStep,
  withAction,
  withFiles,
  text,
  parameter,
  environment,
  run,
} from './parity-fixture.ts';
import { job, step } from './template-fixture.ts';

test('anchors of YAML are followed', () => {
  const yaml = `
specificationVersion: jobtemplate-2023-09
name: Demo
steps:
  - name: A
    script: &script { actions: { onRun: { command: echo } } }
  - { name: B, script: *script }
`;
  expect(decodeJobTemplate(yaml).steps[1]?.script?.actions.onRun.command).toBe('echo');
});

test('an unknown version names those that there are', () => {
  const wrong = { ...job(), specificationVersion: 'jobtemplate-1999-01' };
  expect(() => decodeJobTemplate(wrong)).toThrow('jobtemplate-2023-09');
  expect(() => decodeJobTemplate({ ...job(), specificationVersion: 'environment-2023-09' })).toThrow(
    'is not a Job Template version',
  );
});

test('$schema is for editors; other fields that nobody knows are mistakes, at every level', () => {
  expect(faults(job({ $schema: 'https://example.org' }))).toBe('');
  const steps = [step({ script: { actions: { onRun: { ...run, colour: 1 } } } })];
  expect(faults(job({ steps }))).toContain('steps.0.script.actions.onRun: unknown field `colour`');
  expect(faults(parameter({ colour: 1 }))).toContain('unknown field `colour`');
});

test('the extensions are five', () => {
  expect([...implementedExtensions].toSorted()).toEqual([
    'EXPR',
    'FEATURE_BUNDLE_1',
    'REDACTED_ENV_VARS',
    'TASK_CHUNKING',
    'WRAP_ACTIONS',
  ]);
});

test.each([
  ['no extensions in the list', job({ extensions: [] })],
  ['an extension twice', job({ extensions: ['EXPR', 'EXPR'] })],
  ['an extension in small letters', job({ extensions: ['expr'] })],
  ['extensions that are no list', job({ extensions: 'EXPR' })],
  ['a number for a name', job({ name: 1 })],
  ['true for a number', parameter({ type: 'INT', default: true })],
  ['a string for a count', parameter({ minLength: '1' })],
  ['null for a default', parameter({ default: null })],
  ['control characters in a name', job({ name: 'a\u0007' })],
  ['a line break in a step name', withStep({ name: 'a\nb' })],
  ['a bell in a description', job({ description: 'a\u0007' })],
  ['an identifier that begins with a digit', parameter({ name: '1P' })],
  ['an identifier with a hyphen', parameter({ name: 'a-b' })],
  ['no parameters in the list', job({ parameterDefinitions: [] })],
  [
    'a parameter twice',
    job({
      parameterDefinitions: [
        { name: 'P', type: 'INT' },
        { name: 'P', type: 'INT' },
      ],
    }),
  ],
  ['an unknown type', parameter({ type: 'COLOUR' })],
  ['no steps', job({ steps: [] })],
  ['a step twice', job({ steps: [step(), step()] })],
  ['no dependencies in the list', withStep({ dependencies: [] })],
  ['a dependency on nobody', withStep({ dependencies: [{ dependsOn: 'Nobody' }] })],
  ['a dependency on itself', withStep({ dependencies: [{ dependsOn: 'Echo' }] })],
  [
    'a dependency twice',
    job({
      steps: [step(), step({ name: 'B', dependencies: [{ dependsOn: 'Echo' }, { dependsOn: 'Echo' }] })],
    }),
  ],
  ['a step without a script', job({ steps: [{ name: 'S' }] })],
  ['a step with two scripts', withStep({ bash: { script: 'true' } }, wide)],
  ['an unknown interpreter', job({ ...wide, steps: [{ name: 'S', perl: { script: '1' } }] })],
  [
    'two environments of one name in a step',
    withStep({
      stepEnvironments: [
        { name: 'E', variables: { A: 'b' } },
        { name: 'E', variables: { A: 'b' } },
      ],
    }),
  ],
  [
    'an environment of a step named like one of the job',
    {
      ...environment({ variables: { A: 'b' } }),
      steps: [step({ stepEnvironments: [{ name: 'E', variables: { A: 'b' } }] })],
    },
  ],
  ['an environment of nothing', environment({})],
  ['a variable with an equals sign in its name', environment({ variables: { 'A=B': 'c' } })],
  ['no variables', environment({ variables: {} })],
  ['no arguments in the list', withAction({ args: [] })],
  ['a timeout of 0', withAction({ timeout: 0 })],
  ['a timeout in words', withAction({ timeout: 'soon' })],
  ['an unknown cancelation', withAction({ cancelation: { mode: 'LATER' } })],
  [
    'a notice of 0 s',
    withAction({ cancelation: { mode: 'NOTIFY_THEN_TERMINATE', notifyPeriodInSeconds: 0 } }),
  ],
  [
    'a notice of 601 s',
    withAction({ cancelation: { mode: 'NOTIFY_THEN_TERMINATE', notifyPeriodInSeconds: 601 } }),
  ],
  ['a notice before a kill', withAction({ cancelation: { mode: 'TERMINATE', notifyPeriodInSeconds: 5 } })],
  ['a file that is no text', withFiles(text({ type: 'BINARY' }))],
  ['two files of one name', withFiles(text({}), text({}))],
  ['a file without data', withFiles({ name: 'F', type: 'TEXT' })],
  ['line ends without their extension', withFiles(text({ endOfLine: 'LF' }))],
  ['a name without an end', job({ name: 'a {{ Param.P' })],
  ['a name of nothing', job({ name: 'a {{ }}' })],
])('%s: refused', (_what, template) => {
  expect(faults(template)).not.toBe('');
});

test.each([
  ['an int with allowed values', parameter({ type: 'INT', default: '3', allowedValues: [1, '3'] })],
  ['digits as a timeout, as openjd-rs reads them', withAction({ timeout: '60' })],
  ['tabs and lines in a description', job({ description: 'a\tb\r\nc' })],
  ['files that name each other', withFiles(text({ data: '{{Task.File.G}}' }), text({ name: 'G' }))],
  [
    'every interpreter',
    job({
      ...wide,
      steps: ['bash', 'python', 'cmd', 'powershell', 'node'].map((one) => ({
        name: one,
        [one]: { script: 'x', args: ['a'], timeout: 5, cancelation: { mode: 'TERMINATE' } },
      })),
    }),
  ],
  ['variables that are filled in', environment({ variables: { A: '{{Session.WorkingDirectory}}/x' } })],
  [
    'every line end',
    job({
      ...wide,
      steps: [
        onRun(
          {},
          {
            embeddedFiles: ['AUTO', 'LF', 'CRLF'].map((endOfLine, at) => text({ name: `F${at}`, endOfLine })),
          },
        ),
      ],
    }),
  ],
  [
    'seconds that are filled in',
    withAction(
      {
        timeout: '{{Param.T}}',
        cancelation: { mode: 'NOTIFY_THEN_TERMINATE', notifyPeriodInSeconds: '{{Param.T}}' },
      },
      { ...wide, parameterDefinitions: [{ name: 'T', type: 'INT' }] },
    ),
  ],
])('%s: accepted', (_what, template) => {
  expect(faults(template)).toBe('');
});

test('the name of a step is no format string', () => {
  const name = '{{Param.P}}';
  expect(decodeJobTemplate(withStep({ name })).steps[0]?.name).toBe(name);
});
