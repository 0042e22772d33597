import { expect, test } from 'vitest';
import { decodeJobTemplate } from '../../openjd-model/src/index.ts';
import { defineTaskType, type Schema } from '../src/index.ts';
import type { Dimensions } from '../src/task-types.ts';
import { defaultChunk, templateOf } from '../src/template.ts';

const anything: Schema<Record<string, string>> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) => ({ value: value as Record<string, string> }),
  },
};
const type = defineTaskType({ name: 'Render', needs: {}, makes: {}, parameters: anything });
const over = (dimensions: Dimensions<Record<string, string>>, chunk?: number) =>
  type.step('render', { over: dimensions, run: () => {}, ...(chunk === undefined ? {} : { chunk }) });
const problemsOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return (error as { problems: unknown }).problems;
  }
};

test('steps become a job template with chunks, in order, the checks last', () => {
  const render = over({ frame: ({ frames }) => frames! })
    .step('pack', { run: () => {} })
    .check('it is good', () => {});

  expect(templateOf('@film/pipeline/render#Render', render, { frames: '1001-1024' })).toEqual({
    specificationVersion: 'jobtemplate-2023-09',
    extensions: ['TASK_CHUNKING'],
    name: 'Render',
    steps: [
      {
        name: 'render',
        parameterSpace: {
          taskParameterDefinitions: [
            {
              name: 'frame',
              type: 'CHUNK[INT]',
              range: '1001-1024',
              chunks: { defaultTaskCount: 6, rangeConstraint: 'NONCONTIGUOUS' },
            },
          ],
        },
        script: {
          actions: {
            onRun: {
              command: 'pipl-step',
              args: ['run', '@film/pipeline/render#Render', 'render', '{{Task.Param.frame}}'],
            },
          },
        },
      },
      {
        name: 'pack',
        dependencies: [{ dependsOn: 'render' }],
        script: {
          actions: { onRun: { command: 'pipl-step', args: ['run', '@film/pipeline/render#Render', 'pack'] } },
        },
      },
      {
        name: 'pipl checks',
        dependencies: [{ dependsOn: 'pack' }],
        script: {
          actions: { onRun: { command: 'pipl-step', args: ['check', '@film/pipeline/render#Render'] } },
        },
      },
    ],
  });
});

test('the template is what the specification asks for', () => {
  const wedge = over({ take: () => [3, 1], view: () => ['left', 'right'], frame: () => '1001-1024' }).check(
    'good',
    () => {},
  );
  const decode = (template: object) =>
    decodeJobTemplate(JSON.stringify(template), { supportedExtensions: ['TASK_CHUNKING'] });
  const template = templateOf('@film/pipeline/render#Render', wedge, {});

  expect(decode(template)).toMatchObject({ name: 'Render' });
  expect(() => decode({ ...template, extensions: undefined })).toThrow('CHUNK[INT]');
});

test('a step without points needs no extension', () => {
  const template = templateOf('t', type.step('pack', { run: () => {} }), {});
  expect(template).not.toHaveProperty('extensions');
  expect(template.steps[0]).not.toHaveProperty('parameterSpace');
});

test('of several dimensions the last one of integers is chunked', () => {
  const wedge = over(
    { take: () => [3, 1, 2], view: () => ['left', 'right'], frame: () => '1-10', side: () => ['a'] },
    5,
  );
  expect(templateOf('t', wedge, {}).steps[0]?.parameterSpace?.taskParameterDefinitions).toEqual([
    { name: 'take', type: 'INT', range: '1-3' },
    { name: 'view', type: 'STRING', range: ['left', 'right'] },
    {
      name: 'frame',
      type: 'CHUNK[INT]',
      range: '1-10',
      chunks: { defaultTaskCount: 5, rangeConstraint: 'NONCONTIGUOUS' },
    },
    { name: 'side', type: 'STRING', range: ['a'] },
  ]);
});

test.each([
  [1, 1],
  [4, 1],
  [24, 6],
  [25, 7],
  [128, 32],
  [10_000, 32],
])('%i points: %i a chunk', (points, chunk) => {
  expect(defaultChunk(points)).toBe(chunk);
});

test('what Open Job Description does not allow is said, all of it', () => {
  const tooLong = Array.from({ length: 1025 }, (_, index) => `${index}`);
  const wrong = over(
    { 'my frame': () => '1', frame: () => '9-1', many: () => tooLong, text: () => ['{{Param.X}}'] },
    0.5,
  );

  expect(problemsOf(() => templateOf('t', type, {}))).toEqual(['it has no step']);
  expect(problemsOf(() => templateOf('t', over({ frame: () => [] }), {}))).toEqual([
    expect.stringContaining('points of step render'),
  ]);
  expect(problemsOf(() => templateOf('t', over({ frame: () => '9-1' }), {}))).toEqual([
    'points of step render: "9-1" goes from 9 to 1 by 1: that is no number at all',
  ]);
  expect(problemsOf(() => templateOf('t', wrong, {}))).toHaveLength(2);
  const texts = over({
    'my frame': () => '1',
    many: () => tooLong,
    text: () => ['{{Param.X}}', 'x'.repeat(1025)],
  });
  expect(problemsOf(() => templateOf('t', texts, {}))).toEqual([
    'my frame of step render is not an identifier of up to 64 letters',
    'many of step render has 1025 texts: 1024 at most',
    'text of step render has a text of over 1024 characters',
    'text of step render has a text with {{, which would be replaced',
  ]);
});
