import { expect, test } from 'vitest';

import {
  JobParametersInvalid,
  decodeEnvironmentTemplate,
  decodeJobTemplate,
  preprocessJobParameters,
} from '../src/index.ts';
import type { GivenValues } from '../src/index.ts';
import { job, problemsOf } from './template-fixture.ts';

interface Asked {
  readonly parameters: readonly Record<string, unknown>[];
  readonly values?: GivenValues;
  readonly environment?: readonly Record<string, unknown>[];
  readonly jobTemplateDir?: string;
  readonly allowPathTemplateDirWalkUp?: boolean;
}

function valuesOf({ parameters, values = {}, environment, jobTemplateDir = '/tmpl', ...rest }: Asked) {
  const jobTemplate = decodeJobTemplate(job({ parameterDefinitions: parameters }));
  const environmentTemplates = environment
    ? [
        decodeEnvironmentTemplate({
          specificationVersion: 'environment-2023-09',
          parameterDefinitions: environment,
          environment: { name: 'Env', variables: { A: 'b' } },
        }),
      ]
    : [];
  const made = preprocessJobParameters({
    jobTemplate,
    environmentTemplates,
    values,
    jobTemplateDir,
    currentWorkingDir: '/cwd',
    ...rest,
  });
  return Object.fromEntries(Object.entries(made).map(([name, { value }]) => [name, value]));
}

test('given values replace defaults, and digits stay as written', () => {
  const parameters = [
    { name: 'Scale', type: 'FLOAT', default: 1 },
    { name: 'Frames', type: 'INT', default: 5 },
    { name: 'Text', type: 'STRING', default: 'x' },
  ];
  expect(valuesOf({ parameters })).toEqual({ Scale: '1', Frames: '5', Text: 'x' });
  expect(valuesOf({ parameters, values: { Scale: '1.50', Frames: 7 } })).toMatchObject({
    Scale: '1.50',
    Frames: '7',
  });
});

test('a 64-bit integer is not rounded on its way from YAML', () => {
  const template = decodeJobTemplate(`{ "specificationVersion": "jobtemplate-2023-09", "name": "J",
    "parameterDefinitions": [{ "name": "N", "type": "INT", "default": 9007199254740993 }],
    "steps": [{ "name": "S", "script": { "actions": { "onRun": { "command": "x" } } } }] }`);
  expect(template.parameterDefinitions?.[0]?.default).toBe('9007199254740993');
});

test('all missing and all unknown values are told together', () => {
  const parameters = [
    { name: 'B', type: 'INT' },
    { name: 'A', type: 'STRING' },
  ];
  expect(() => valuesOf({ parameters, values: { C: 1 } })).toThrow(JobParametersInvalid);
  expect(() => valuesOf({ parameters, values: { C: 1 } })).toThrow(
    'Values given for parameters that the job does not have: C\nValues missing for required job parameters: A, B',
  );
});

test.each([
  [{ type: 'INT', maxValue: 3 }, 4, 'exceeds maximum 3'],
  [{ type: 'INT' }, 1.5, 'not an integer'],
  [{ type: 'INT' }, true, 'not an integer'],
  [{ type: 'FLOAT', minValue: 0.3 }, '0.29999999999999999', 'less than minimum 0.3'],
  [{ type: 'FLOAT' }, 'inf', 'not a finite number'],
  [{ type: 'FLOAT' }, '1e999999', 'not a finite number'],
  [{ type: 'STRING', allowedValues: ['a', 'b'] }, 'c', 'not in allowed values'],
  [{ type: 'STRING', minLength: 2 }, '🎬', 'length 1 < minLength 2'],
])('%o refuses %s', (definition, value, reason) => {
  expect(() => valuesOf({ parameters: [{ name: 'P', ...definition }], values: { P: value } })).toThrow(
    reason,
  );
});

const path = (initial?: string) => [
  { name: 'P', type: 'PATH', ...(initial === undefined ? {} : { default: initial }) },
];

test('a default path is seen from the template, a given one from where the person is', () => {
  expect(valuesOf({ parameters: path('./maps/a.exr') })).toEqual({ P: '/tmpl/maps/a.exr' });
  expect(valuesOf({ parameters: path(), values: { P: '../b.exr' } })).toEqual({ P: '/b.exr' });
  expect(valuesOf({ parameters: path(), values: { P: 's3://bucket//a/../b' } })).toEqual({
    P: 's3://bucket//a/../b',
  });
  expect(valuesOf({ parameters: path('maps\\a.exr'), jobTemplateDir: 'C:\\tmpl' })).toEqual({
    P: 'C:\\tmpl\\maps\\a.exr',
  });
});

test.each(['/etc/passwd', 'C:\\x', '..', 'a/../../x', '.\\..\\x'])(
  'the default %s leaves the template folder',
  (initial) => {
    expect(() => valuesOf({ parameters: path(initial) })).toThrow(JobParametersInvalid);
    expect(valuesOf({ parameters: path(initial), allowPathTemplateDirWalkUp: true })).toHaveProperty('P');
  },
);

test('definitions of a job and of its environments hold together', () => {
  const parameters = [{ name: 'P', type: 'INT', minValue: 1, maxValue: 10, default: 5 }];
  const environment = [{ name: 'P', type: 'INT', maxValue: 7, default: 2 }];
  expect(valuesOf({ parameters, environment })).toEqual({ P: '5' });
  expect(() => valuesOf({ parameters, environment, values: { P: 8 } })).toThrow('exceeds maximum 7');
});

test('definitions that cannot hold together name their sources', () => {
  const parameters = [{ name: 'P', type: 'INT', default: 5 }];
  expect(() => valuesOf({ parameters, environment: [{ name: 'P', type: 'STRING' }] })).toThrow(
    "Parameter 'P' cannot be merged: the types differ. Defined by: environment template Env (STRING), job template Demo (INT).",
  );
  const narrow = [{ name: 'P', type: 'INT', allowedValues: [1, 2] }];
  expect(() => valuesOf({ parameters, environment: narrow })).toThrow('value 5 is not in allowed values');
});

test('a definition obeys itself', () => {
  const parameterDefinitions = [
    { name: 'A', type: 'INT', minValue: 2, maxValue: 1 },
    { name: 'B', type: 'STRING', userInterface: { control: 'DROPDOWN_LIST' } },
  ];
  expect(problemsOf(() => decodeJobTemplate(job({ parameterDefinitions })))).toEqual([
    "parameterDefinitions.0: Parameter 'A': minValue (2) > maxValue (1).",
    "parameterDefinitions.1: Parameter 'B': DROPDOWN_LIST requires allowedValues.",
  ]);
});
