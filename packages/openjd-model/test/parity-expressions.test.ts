/** EXPR line by line of the feature list: every function and property, what syntax there is, what is left out, and its limits. */
import { expect, test } from 'vitest';

import {
  ExpressionInvalid,
  SymbolTable,
  decodeJobTemplate,
  displayValue,
  evaluateExpression,
  hostLibrary,
  resolveFormatString,
  typeName,
  typeOf,
} from '../src/index.ts';
import type { EvaluateOptions } from '../src/index.ts';
import { job, problemsOf, step } from './template-fixture.ts';

const shown = (source: string, options: EvaluateOptions = {}): string => {
  const value = evaluateExpression(source, options);
  return `${displayValue(value)} : ${typeName(typeOf(value))}`;
};

test.each([
  ['abs(-3)', '3 : int'],
  ['all([true, false])', 'false : bool'],
  ['any([true, false])', 'true : bool'],
  ["bool('on')", 'true : bool'],
  ["'hELLO'.capitalize()", 'Hello : string'],
  ['ceil(1.2)', '2 : int'],
  ["'a'.center(3)", ' a  : string'],
  ["'banana'.count('an')", '2 : int'],
  ["'frame.exr'.endswith('.exr')", 'true : bool'],
  ["'banana'.find('z')", '-1 : int'],
  ['flatten([[1, 2], [3]])', '[1, 2, 3] : list[int]'],
  ["float('2.5')", '2.5 : float'],
  ['floor(-1.5)', '-2 : int'],
  ["'banana'.index('n')", '2 : int'],
  ["int('-7')", '-7 : int'],
  ["'a1'.isalnum()", 'true : bool'],
  ["'a1'.isalpha()", 'false : bool'],
  ["'é'.isascii()", 'false : bool'],
  ["'12'.isdigit()", 'true : bool'],
  ["'ab'.islower()", 'true : bool'],
  ["' '.isspace()", 'true : bool'],
  ["'Ab'.isupper()", 'false : bool'],
  ["['a', 'b'].join('-')", 'a-b : string'],
  ["len('漢字')", '2 : int'],
  ["'a'.ljust(3)", 'a   : string'],
  ["'ÀB'.lower()", 'àb : string'],
  ["'  a '.lstrip()", 'a  : string'],
  ['max(1, 3, 2)', '3 : int'],
  ['min([4, 2])', '2 : int'],
  ["path('/a') / 'b'", '/a/b : path'],
  ['range(3)', '[0, 1, 2] : list[int]'],
  ["range_expr('1-5:2')", '1-5:2 : range_expr'],
  ["re_escape('a.b')", 'a\\.b : string'],
  ["re_findall('a1b22', '[0-9]+')", '["1", "22"] : list[string]'],
  ["re_match('v12', 'v([0-9]+)')", '["v12", "12"] : list[string]'],
  ["re_search('sh010', '[0-9]+')", '["010"] : list[string]'],
  ["re_split('a, b', ', *')", '["a", "b"] : list[string]'],
  ["re_sub('a1', '[0-9]', 'n')", 'an : string'],
  ["'aa'.replace('a', 'b')", 'bb : string'],
  ["repr_sh('a b')", "'a b' : string"],
  ["repr_cmd('a b')", '"a b" : string'],
  ["repr_pwsh('a b')", "'a b' : string"],
  ["repr_py('a b')", "'a b' : string"],
  ["repr_json('a b')", '"a b" : string'],
  ['reversed([1, 2])', '[2, 1] : list[int]'],
  ["'banana'.rfind('an')", '3 : int'],
  ["'banana'.rindex('a')", '5 : int'],
  ["'a'.rjust(2)", ' a : string'],
  ['round(2.5)', '2 : int'],
  ["'a b c'.rsplit(' ', 1)", '["a b", "c"] : list[string]'],
  ["' a '.rstrip()", ' a : string'],
  ['sorted([3, 1, 2])', '[1, 2, 3] : list[int]'],
  ["'a,b'.split(',')", '["a", "b"] : list[string]'],
  ["'abc'.startswith('ab')", 'true : bool'],
  ['string(1.0)', '1.0 : string'],
  ["'  a '.strip()", 'a : string'],
  ['sum([1, 2.5])', '3.5 : float'],
  ["'a tale'.title()", 'A Tale : string'],
  ['unique([1, 2, 1])', '[1, 2] : list[int]'],
  ["'straße'.upper()", 'STRASSE : string'],
  ["'-7'.zfill(4)", '-007 : string'],
  ["path('/a/b').as_posix()", '/a/b : string'],
  ["path('a').is_absolute()", 'false : bool'],
  ["path('/a/b').is_relative_to(path('/a'))", 'true : bool'],
  ["path('/a/b').relative_to(path('/a'))", 'b : path'],
  ["path('/a/b.c').with_name('d')", '/a/d : path'],
  ["path('/a/f_001.exr').with_number(12)", '/a/f_012.exr : path'],
  ["path('/a/b.c').with_stem('d')", '/a/d.c : path'],
  ["path('/a/b.c').with_suffix('.d')", '/a/b.d : path'],
  ["path('/a/b.tar.gz').name", 'b.tar.gz : string'],
  ["path('/a/b.tar.gz').stem", 'b.tar : string'],
  ["path('/a/b.tar.gz').suffix", '.gz : string'],
  ["path('/a/b.tar.gz').suffixes", '[".tar", ".gz"] : list[string]'],
  ["path('/a/b.tar.gz').parent", '/a : path'],
  ["path('/a/b').parts", '["/", "a", "b"] : list[string]'],
  ["range_expr('1-9:2')[1]", '3 : int'],
  ["len(range_expr('1-1000000'))", '1000000 : int'],
])('%s is %s', (source, expected) => {
  expect(shown(source)).toBe(expected);
});

test('fail ends with its own words, and the mapping of paths exists on hosts alone', () => {
  expect(() => evaluateExpression("fail('no camera')")).toThrow('no camera');
  const source = "apply_path_mapping('/in/a')";
  expect(() => evaluateExpression(source)).toThrow(ExpressionInvalid);
  const library = hostLibrary((path) => path.replace('/in', '/out'));
  expect(shown(source, { library })).toBe('/out/a : path');
});

test.each([
  ['0xff + 0o17 + 0b11 + 1_000', '1273 : int'],
  [String.raw`'a\tb\x41\u00e9' 'c'`, 'a\tbAéc : string'],
  [String.raw`r'\d'`, String.raw`\d : string`],
  ["'''two\nlines'''", 'two\nlines : string'],
  ['[True, False, true, false]', '[true, false, true, false] : list[bool]'],
  ['None == null', 'true : bool'],
  ['7 // 2 + 7 % 4 - 2 ** 3', '-2 : int'],
  ['-2 ** 2', '-4 : int'],
  ['3 > 2 >= 2 != 1', 'true : bool'],
  ['2 in [1, 2] and 3 not in [1, 2]', 'true : bool'],
  ["null or 'else'", 'else : string'],
  ['1 if 2 > 3 else 2', '2 : int'],
  ['[1, 2, 3, 4][::2]', '[1, 3] : list[int]'],
  ["'abc'[-1]", 'c : string'],
  ['[x for x in [1, 2, 3] if x != 2]', '[1, 3] : list[int]'],
  ["upper('a') + 'a'.upper()", 'AA : string'],
  ['(1 +\n 2)', '3 : int'],
  ['[1, 2.5]', '[1.0, 2.5] : list[float]'],
])('syntax: %j is %s', (source, expected) => {
  expect(shown(source)).toBe(expected);
});

test('a keyword may be the name of an attribute', () => {
  const symbols = new SymbolTable([['Param.if', 'yes']], {});
  expect(resolveFormatString('{{ Param.if }}', symbols)).toBe('yes');
});

test.each([
  ['lambda x: x', /lambda/i],
  ['{1: 2}', 'Dict literals are not supported'],
  ['{1, 2}', 'Set literals are not supported'],
  ['(1, 2)', 'Tuple literals are not supported'],
  ["f'{1}'", 'f-strings are not supported'],
  ['(x := 1)', 'Walrus operator'],
  ['max(*[1, 2])', 'Star expressions are not supported'],
  ['round(2.5, ndigits=1)', 'Keyword arguments are not supported'],
  ['sum(x for x in [1])', 'Generator expressions are not supported'],
  ['[x for x in [1] for y in [2]]', "Multiple 'for' clauses"],
  ['await x', /await/i],
  ['1 | 2', 'Bitwise OR'],
])('%s is refused by name', (source, reason) => {
  expect(() => evaluateExpression(source)).toThrow(ExpressionInvalid);
  expect(() => evaluateExpression(source)).toThrow(reason);
});

test.each([
  ['9223372036854775807 + 1', /overflow/i],
  ['2.0 ** 5000.0', /overflow|finite|infinit/i],
  ["float('nan')", /nan|finite/i],
  ['1 / 0', 'Division by zero'],
  ['[1, 2][5]', /out of (?:range|bounds)/i],
])('%s is no value', (source, reason) => {
  expect(() => evaluateExpression(source)).toThrow(reason);
});

test('there is no negative zero, floats print as short as they can, halves go to the even side', () => {
  expect(shown('-0.0')).toBe('0.0 : float');
  expect(shown('[round(0.5), round(1.5), round(-2.5)]')).toBe('[0, 2, -2] : list[int]');
  expect(shown('1e22 + 0.0')).toBe('1e+22 : float');
});

test('a URI keeps its slashes, and a Windows path its letters', () => {
  expect(shown("path('s3://b//k') / 'x'")).toBe('s3://b//k/x : path');
  expect(shown("path('C:/a').is_absolute()", { pathFormat: 'WINDOWS' })).toBe('true : bool');
});

test('an integer is a float, and a scalar a text, where one is asked for', () => {
  expect(shown('max(1, 2.5)')).toBe('2.5 : float');
  expect(shown("['a', path('/b')].join(',')")).toBe('a,/b : string');
});

test('an expression has an end: its length, its memory, its operations', () => {
  expect(() => evaluateExpression(`'${'x'.repeat(64 * 1024)}'`)).toThrow(/longer|exceeds|64/i);
  expect(() => evaluateExpression("len('x' * 200000000)")).toThrow('Expression memory usage');
  // Text is charged by its length: the same count of steps costs more with more of it.
  const source = "('x' * 100000).upper()";
  expect(() => evaluateExpression(source, { limits: { operations: 100 } })).toThrow('operation count');
  expect(displayValue(evaluateExpression("'x'.upper()", { limits: { operations: 100 } }))).toBe('X');
});

const withLet = (...lets: string[]) =>
  job({
    extensions: ['EXPR'],
    parameterDefinitions: [{ name: 'N', type: 'INT', default: 1 }],
    steps: [step({ let: lets })],
  });
const faults = (template: object) => problemsOf(() => decodeJobTemplate(template));

test.each([
  ['a capital letter', ['A = 1'], 'must start with lowercase letter'],
  ['no value', ['a ='], 'has no expression'],
  ['the same name twice', ['a = 1', 'a = 2'], "duplicate name 'a'"],
  ['51 of them', Array.from({ length: 51 }, (_, at) => `a${at} = 1`), '50'],
  ['a later name', ['a = b', 'b = 1'], "Undefined variable: 'b'"],
])('let with %s is refused', (_what, lets, reason) => {
  expect(faults(withLet(...lets)).join('\n')).toContain(reason);
});

test('let shadows no name of an enclosing scope, and no comprehension shadows a let', () => {
  const script = { let: ['a = 2'], actions: { onRun: { command: 'x' } } };
  const template = withLet('a = 1');
  expect(faults({ ...template, steps: [step({ let: ['a = 1'], script })] })).toEqual([
    expect.stringContaining("'a' shadows a name of an enclosing scope"),
  ]);
  expect(faults(withLet('a = 1', 'b = [a for a in [1]]')).join('\n')).toMatch(/shadow/);
});

test('let stands at a step, a script, an environment and a simple action', () => {
  const onEnter = { command: 'echo', args: ['{{ e }}'] };
  const environment = { name: 'E', script: { let: ['e = 1'], actions: { onEnter } } };
  const template = job({
    extensions: ['EXPR', 'FEATURE_BUNDLE_1'],
    jobEnvironments: [environment],
    steps: [
      step({
        let: ['s = 1'],
        script: { let: ['t = s + 1'], actions: { onRun: { command: 'x', args: ['{{ t }}'] } } },
      }),
      { name: 'Two', bash: { let: ['u = 3'], script: 'echo {{ u }}' } },
    ],
  });
  expect(decodeJobTemplate(template).steps).toHaveLength(2);
});
