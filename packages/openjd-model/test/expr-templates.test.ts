/** EXPR in templates: typed parameters, `let`, expressions that are checked early, and what a session needs. */
import { expect, test } from 'vitest';

import {
  SymbolTable,
  TemplateInvalid,
  bindLets,
  createJob,
  decodeJobTemplate,
  hostLibrary,
  jobParameterSymbols,
  preprocessJobParameters,
  resolveArguments,
  resolveFormatString,
  resolveOptional,
} from '../src/index.ts';
import type { GivenValues } from '../src/index.ts';

const script = { actions: { onRun: { command: 'run' } } };

const template = (fields: object) => ({
  specificationVersion: 'jobtemplate-2023-09',
  extensions: ['EXPR', 'FEATURE_BUNDLE_1'],
  name: 'J',
  steps: [{ name: 'S', script }],
  ...fields,
});

const faultsOf = (fields: object): string[] => {
  try {
    decodeJobTemplate(template(fields));
    return [];
  } catch (error) {
    if (!(error instanceof TemplateInvalid)) throw error;
    return error.problems.map(({ message }) => message);
  }
};

const make = (fields: object, values: GivenValues = {}) => {
  const jobTemplate = decodeJobTemplate(template(fields));
  const folders = { jobTemplateDir: '/t', currentWorkingDir: '/c' };
  return createJob({
    jobTemplate,
    jobParameterValues: preprocessJobParameters({ jobTemplate, values, ...folders }),
  });
};

const step = (fields: object) => ({ steps: [{ name: 'S', script, ...fields }] });
const parameters = (...parameterDefinitions: object[]) => ({ parameterDefinitions });

test('without the extension, braces hold names alone', () => {
  const plain = { ...template({ name: '{{ 1 + 1 }}' }), extensions: ['FEATURE_BUNDLE_1'] };
  expect(() => decodeJobTemplate(plain)).toThrow('Reason: Unexpected');
});

test('a template with an expression of wrong types is refused before any value is known', () => {
  const fields = { ...parameters({ name: 'N', type: 'INT' }), name: "{{ Param.N + 'x' }}" };
  expect(faultsOf(fields)).toEqual([expect.stringContaining("Cannot use '+' operator with int and string")]);
});

test('values keep their types and their digits', () => {
  const job = make(
    {
      ...parameters(
        { name: 'B', type: 'bool', default: 'yes' },
        { name: 'L', type: 'LIST[FLOAT]', default: [1.5] },
        { name: 'I', type: 'LIST[INT]' },
        { name: 'R', type: 'RANGE_EXPR', default: '1-3' },
      ),
      name: '{{ Param.B }} {{ sum(Param.I) }} {{ len(Param.R) }} {{ Param.L[0] }}',
    },
    { I: '[9223372036854775806, 1]' },
  );
  expect(job.name).toBe('true 9223372036854775807 3 1.5');
  expect(job.parameters['I']).toEqual({ type: 'LIST[INT]', value: '[9223372036854775806, 1]' });
});

test('a value that is not of its list is refused', () => {
  const fields = parameters({ name: 'L', type: 'LIST[INT]', item: { maxValue: 5 } });
  expect(() => make(fields, { L: '[1, "a"]' })).toThrow('is not a LIST[INT]');
  expect(() => make(fields, { L: '[6]' })).toThrow('value[0] 6 > item maxValue 5');
});

test('let is seen by the step, and by what comes after it', () => {
  const space = (range: unknown) => ({
    parameterSpace: { taskParameterDefinitions: [{ name: 'F', type: 'INT', range }] },
  });
  const job = make(step({ let: ['a = 2', 'b = a * 3'], ...space('{{ range(b, b + a) }}') }));
  expect(job.steps[0]?.parameterSpace?.taskParameterDefinitions).toEqual({
    F: { type: 'INT', range: ['6', '7'] },
  });
  expect(faultsOf(step({ let: ['a = b', 'b = 1'] }))).toEqual([
    expect.stringContaining("Undefined variable: 'b'"),
  ]);
  expect(faultsOf(step({ let: ['a = a + 1'] }))).toEqual(["'a' references itself."]);
});

test('a fault that only values show is told with its place', () => {
  const fields = { ...parameters({ name: 'N', type: 'INT' }), ...step({ let: ['x = 1 / Param.N'] }) };
  expect(() => make(fields, { N: 0 })).toThrow('steps[0] -> let[0]:\n\tInvalid expression in let binding');
});

test('null leaves an optional field out', () => {
  const actions = { onRun: { command: 'run', timeout: '{{ null }}' } };
  expect(make(step({ script: { actions } })).steps[0]?.script.actions.onRun).toEqual({ command: 'run' });
});

test('on a host, lists are arguments, null is none, and paths are mapped', () => {
  const map = (path: string) => path.replace('/mnt', '/here');
  const values = {
    P: { type: 'PATH', value: '/mnt/a.exr' },
    L: { type: 'LIST[STRING]', value: '["a", "b c"]' },
  } as const;
  const symbols = new SymbolTable(jobParameterSymbols(values, map), { library: hostLibrary(map) });
  const bound = bindLets(['stem = Param.P.stem', "other = apply_path_mapping('/mnt/x')"], symbols);
  expect(resolveArguments(['{{ Param.L }}', '{{ null }}', '-o{{stem}}', '{{RawParam.P}}'], bound)).toEqual([
    'a',
    'b c',
    '-oa',
    '/mnt/a.exr',
  ]);
  expect(resolveFormatString("{{ Param.P }} {{ other }} {{ '}}' }}", bound)).toBe('/here/a.exr /here/x }}');
  expect(resolveOptional('{{ null }}', bound)).toBeUndefined();
  expect(symbols.has('stem')).toBe(false);
});
