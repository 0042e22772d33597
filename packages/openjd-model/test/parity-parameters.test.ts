/** Job parameters and jobs line by line of the feature list: definitions, controls, merging, and what a job is made of. */
import { expect, test } from 'vitest';

import {
  JobParametersInvalid,
  StepDependencyGraph,
  StepParameterSpaceIterator,
  createJob,
  decodeEnvironmentTemplate,
  decodeJobTemplate,
  preprocessJobParameters,
} from '../src/index.ts';
import type { GivenValues } from '../src/index.ts';
import { job, problemsOf, step } from './template-fixture.ts';

type Fields = Record<string, unknown>;

const folders = { jobTemplateDir: '/tmpl', currentWorkingDir: '/cwd' };
const template = (fields: Fields, top: Fields = {}) =>
  decodeJobTemplate(job({ ...top, parameterDefinitions: [{ name: 'P', ...fields }] }));
const faults = (fields: Fields, top: Fields = {}) => problemsOf(() => template(fields, top));
const value = (fields: Fields, given?: string | number | boolean, top: Fields = {}) =>
  preprocessJobParameters({
    jobTemplate: template(fields, top),
    values: given === undefined ? {} : { P: given },
    ...folders,
  })['P']?.value;

const expressions = { extensions: ['EXPR'] };

test.each([
  ['no allowed values in the list', { type: 'STRING', allowedValues: [] }],
  ['a minLength below 0', { type: 'STRING', minLength: -1 }],
  ['minLength above maxLength', { type: 'STRING', minLength: 3, maxLength: 2 }],
  ['a default too short', { type: 'STRING', minLength: 2, default: 'a' }],
  ['a default too long', { type: 'STRING', maxLength: 1, default: 'ab' }],
  ['a default that is not allowed', { type: 'STRING', allowedValues: ['a'], default: 'b' }],
  ['an allowed value too long', { type: 'STRING', maxLength: 1, allowedValues: ['ab'] }],
  ['minValue of a text', { type: 'STRING', minValue: 1 }],
  ['another kind of object', { type: 'PATH', objectType: 'LINK' }],
  ['another flow', { type: 'PATH', dataFlow: 'AROUND' }],
  ['an int that is none', { type: 'INT', default: 1.5 }],
  ['an int of 65 bits', { type: 'INT', default: '9223372036854775808' }],
  ['an int below its minimum', { type: 'INT', minValue: 2, default: 1 }],
  ['an allowed int above its maximum', { type: 'INT', maxValue: 2, allowedValues: [3] }],
  ['a float that is none', { type: 'FLOAT', default: 'NaN' }],
  ['an endless float', { type: 'FLOAT', default: 'Infinity' }],
  ['a float above its maximum', { type: 'FLOAT', maxValue: '0.3', default: '0.30000000000000001' }],
])('%s: refused', (_what, fields) => {
  expect(faults(fields)).not.toEqual([]);
});

test.each([
  ['an int as text', { type: 'INT', default: '007' }, '7'],
  ['the least int', { type: 'INT', default: '-9223372036854775808' }, '-9223372036854775808'],
  ['a float with a zero', { type: 'FLOAT', default: '1.50' }, '1.50'],
  [
    'a float that is allowed as another text',
    { type: 'FLOAT', allowedValues: ['1.50'], default: 1.5 },
    '1.5',
  ],
  ['a path of a kind', { type: 'PATH', objectType: 'FILE', dataFlow: 'INOUT', default: 'a' }, '/tmpl/a'],
])('%s: accepted', (_what, fields, expected) => {
  expect(value(fields)).toBe(expected);
});

test('a path is measured as it will be: after it was joined to its folder', () => {
  expect(() => value({ type: 'PATH', maxLength: 6 }, 'a')).not.toThrow();
  expect(() => value({ type: 'PATH', maxLength: 6 }, 'ab')).toThrow(JobParametersInvalid);
  expect(value({ type: 'PATH', allowedValues: ['/cwd/a'] }, 'a')).toBe('/cwd/a');
});

test.each([
  ...['true', 'YES', 'on', '1', true].map((given) => ['BOOL', given, 'true'] as const),
  ...['false', 'No', 'off', '0', false].map((given) => ['BOOL', given, 'false'] as const),
  ['range_expr', '1-3', '1-3'] as const,
  ['List[String]', '["a"]', '["a"]'] as const,
  ['LIST[PATH]', '["a"]', '["a"]'] as const,
  ['LIST[INT]', '[1, 2]', '[1, 2]'] as const,
  ['LIST[FLOAT]', '[1.50]', '[1.50]'] as const,
  ['LIST[BOOL]', '[true, "off"]', '[true, false]'] as const,
  ['LIST[LIST[INT]]', '[[1], [2, 3]]', '[[1], [2, 3]]'] as const,
])('EXPR: %s takes %j', (type, given, expected) => {
  expect(value({ type }, given, expressions)).toBe(expected);
  expect(faults({ type })).toEqual([
    expect.stringMatching(/requires the EXPR extension|unknown parameter type/),
  ]);
});

test.each([
  ['BOOL', 'maybe', {}],
  ['RANGE_EXPR', '3-1', {}],
  ['LIST[STRING]', '[1]', {}],
  ['LIST[STRING]', '["abc"]', { item: { maxLength: 2 } }],
  ['LIST[STRING]', '["c"]', { item: { allowedValues: ['a', 'b'] } }],
  ['LIST[FLOAT]', '[0.5]', { item: { minValue: 1 } }],
  ['LIST[INT]', '[1, 2, 3]', { maxLength: 2 }],
  ['LIST[LIST[INT]]', '[[1, 2]]', { item: { maxLength: 1 } }],
  ['LIST[LIST[INT]]', '[[9]]', { item: { item: { maxValue: 5 } } }],
])('EXPR: %s refuses %s', (type, given, more) => {
  expect(() => value({ type, ...more }, given, expressions)).toThrow(JobParametersInvalid);
});

test('types in small letters come with EXPR alone', () => {
  expect(value({ type: 'BOOL', default: true }, undefined, expressions)).toBe('true');
  expect(faults({ type: 'string' })).toEqual([expect.stringContaining("unknown parameter type: 'string'")]);
});

const list = { allowedValues: ['a', 'b'] };
const shown = (control: string, more: Fields = {}) => ({ userInterface: { control, ...more } });
const filters = {
  fileFilters: [{ label: 'l', patterns: ['*.exr', '*'] }],
  fileFilterDefault: { label: 'l', patterns: ['*.*'] },
};

test.each([
  { type: 'STRING', ...shown('LINE_EDIT', { label: 'l', groupLabel: 'g' }) },
  { type: 'STRING', ...shown('MULTILINE_EDIT') },
  { type: 'STRING', ...list, ...shown('DROPDOWN_LIST') },
  { type: 'STRING', allowedValues: ['On', 'OFF'], ...shown('CHECK_BOX') },
  { type: 'STRING', allowedValues: ['no', 'yes'], ...shown('CHECK_BOX') },
  { type: 'STRING', allowedValues: ['1', '0'], ...shown('CHECK_BOX') },
  { type: 'STRING', ...shown('HIDDEN') },
  { type: 'PATH', objectType: 'FILE', ...shown('CHOOSE_INPUT_FILE', filters) },
  { type: 'PATH', objectType: 'FILE', ...shown('CHOOSE_OUTPUT_FILE', filters) },
  { type: 'PATH', objectType: 'DIRECTORY', ...shown('CHOOSE_DIRECTORY') },
  { type: 'PATH', ...list, ...shown('DROPDOWN_LIST') },
  { type: 'PATH', ...shown('HIDDEN') },
  { type: 'INT', ...shown('SPIN_BOX', { singleStepDelta: 2 }) },
  { type: 'INT', allowedValues: [1], ...shown('DROPDOWN_LIST') },
  { type: 'FLOAT', ...shown('SPIN_BOX', { singleStepDelta: 0.5, decimals: 2 }) },
  { type: 'FLOAT', ...shown('HIDDEN') },
])('the control of %j: accepted', (fields) => {
  expect(template(fields).parameterDefinitions).toHaveLength(1);
});

test.each([
  { type: 'STRING', ...shown('SPIN_BOX') },
  { type: 'STRING', ...shown('DROPDOWN_LIST') },
  { type: 'STRING', ...list, ...shown('LINE_EDIT') },
  { type: 'STRING', ...list, ...shown('CHECK_BOX') },
  { type: 'STRING', allowedValues: ['true', 'no'], ...shown('CHECK_BOX') },
  { type: 'STRING', ...shown('CHECK_BOX') },
  { type: 'PATH', ...shown('LINE_EDIT') },
  { type: 'PATH', ...shown('CHOOSE_DIRECTORY', filters) },
  { type: 'PATH', objectType: 'DIRECTORY', ...shown('CHOOSE_INPUT_FILE') },
  { type: 'PATH', ...shown('CHOOSE_INPUT_FILE', { fileFilters: [{ label: 'l', patterns: ['exr'] }] }) },
  { type: 'INT', ...shown('LINE_EDIT') },
  { type: 'INT', ...shown('SPIN_BOX', { decimals: 2 }) },
  { type: 'INT', ...shown('HIDDEN', { singleStepDelta: 2 }) },
  { type: 'FLOAT', ...shown('HIDDEN', { decimals: 2 }) },
])('the control of %j: refused', (fields) => {
  expect(faults(fields)).not.toEqual([]);
});

function merged(inJob: Fields, inEnvironment: Fields, values: GivenValues = {}) {
  const environmentTemplates = [
    decodeEnvironmentTemplate({
      specificationVersion: 'environment-2023-09',
      parameterDefinitions: [{ name: 'P', ...inEnvironment }],
      environment: { name: 'Env', variables: { A: 'b' } },
    }),
  ];
  return preprocessJobParameters({ jobTemplate: template(inJob), environmentTemplates, values, ...folders })[
    'P'
  ]?.value;
}

test('definitions that meet: values allowed by both, the tighter lengths, the default of the job', () => {
  const text = { type: 'STRING' };
  expect(merged({ ...text, default: 'b' }, { ...text, default: 'a' })).toBe('b');
  expect(merged(text, { ...text, default: 'a' })).toBe('a');
  const lists = [
    { ...text, allowedValues: ['a', 'b'] },
    { ...text, allowedValues: ['b', 'c'] },
  ] as const;
  expect(merged(...lists, { P: 'b' })).toBe('b');
  expect(() => merged(...lists, { P: 'a' })).toThrow('not in allowed values');
  expect(() =>
    merged({ ...text, allowedValues: ['a'] }, { ...text, allowedValues: ['c'] }, { P: 'a' }),
  ).toThrow('no value is allowed by all');
  expect(() => merged({ ...text, minLength: 3 }, { ...text, maxLength: 2 }, { P: 'a' })).toThrow(
    'cannot be merged',
  );
});

test.each(['objectType', 'dataFlow'])('paths that differ in %s do not meet', (field) => {
  const [one, other] = field === 'objectType' ? ['FILE', 'DIRECTORY'] : ['IN', 'OUT'];
  const path = { type: 'PATH', default: 'a' };
  expect(() => merged({ ...path, [field]: one }, { ...path, [field]: other })).toThrow(
    `the values of ${field} differ. Defined by: environment template Env (PATH), job template Demo (PATH).`,
  );
});

const space = (...taskParameterDefinitions: Fields[]) => ({ parameterSpace: { taskParameterDefinitions } });
const made = (
  parameterDefinitions: Fields[],
  steps: Fields[],
  values: GivenValues = {},
  top: Fields = {},
) => {
  const jobTemplate = decodeJobTemplate(job({ ...top, parameterDefinitions, steps }));
  return createJob({
    jobTemplate,
    jobParameterValues: preprocessJobParameters({ jobTemplate, values, ...folders }),
  });
};

test('values decide lengths, chunks and host requirements of a job; each fault has one place', () => {
  const wide = { extensions: ['FEATURE_BUNDLE_1', 'TASK_CHUNKING'] };
  const text = [{ name: 'P', type: 'STRING' }];
  const number = [{ name: 'P', type: 'INT' }];
  const amounts = [{ name: 'amount.a', min: '{{Param.P}}' }];
  const requires = [step({ hostRequirements: { amounts } })];
  expect(made(number, requires, { P: 2 }, wide).steps[0]?.hostRequirements?.amounts?.[0]?.min).toBe('2');
  expect(problemsOf(() => made(number, requires, { P: -1 }, wide))).toEqual([
    'steps.0.hostRequirements.amounts.0.min: must be non-negative.',
  ]);
  const chunks = { defaultTaskCount: '{{Param.P}}', rangeConstraint: 'CONTIGUOUS' };
  const chunked = [step(space({ name: 'T', type: 'CHUNK[INT]', range: '1-9', chunks }))];
  expect(problemsOf(() => made(number, chunked, { P: 0 }, wide))).toHaveLength(1);
  const twice = { attributes: [{ name: 'attr.a', anyOf: ['{{Param.P}}'] }] };
  expect(problemsOf(() => made(text, [step({ hostRequirements: twice })], { P: 'a b' }))).toHaveLength(1);
  const texts = [step(space({ name: 'T', type: 'STRING', range: ['{{Param.P}}{{Param.P}}'] }))];
  expect(problemsOf(() => made(text, texts, { P: 'x'.repeat(600) }))).toHaveLength(1);
});

test('every type of task parameter has its values', () => {
  const definitions = [
    { name: 'I', type: 'INT', range: ['1', 2, '{{Param.P}}'] },
    { name: 'F', type: 'FLOAT', range: ['2.50'] },
    { name: 'S', type: 'STRING', range: ['{{Param.P}}!'] },
    { name: 'D', type: 'PATH', range: ['/a'] },
  ];
  const [one] = made([{ name: 'P', type: 'INT' }], [step(space(...definitions))], { P: 7 }).steps;
  const tasks = new StepParameterSpaceIterator({ space: one?.parameterSpace });
  expect(tasks.at(-1)).toEqual({
    I: { type: 'INT', value: '7' },
    F: { type: 'FLOAT', value: '2.50' },
    S: { type: 'STRING', value: '7!' },
    D: { type: 'PATH', value: '/a' },
  });
  expect(tasks.includes(tasks.at(0))).toBe(true);
  // Walking again begins again: nothing has to be reset.
  expect([...tasks]).toEqual([...tasks]);
});

test('an order of steps that cannot be is refused before there is a graph', () => {
  const after = (name: string, dependsOn: string) => step({ name, dependencies: [{ dependsOn }] });
  const steps = [after('A', 'C'), after('B', 'A'), after('C', 'B')];
  expect(problemsOf(() => made([{ name: 'P', type: 'INT', default: 1 }], steps))).toEqual([
    ': step dependencies contain a cycle.',
  ]);
  const graph = new StepDependencyGraph(
    made([{ name: 'P', type: 'INT', default: 1 }], [step(), after('B', 'Echo')]),
  );
  expect(graph.topologicalOrder().map(({ name }) => name)).toEqual(['Echo', 'B']);
});
