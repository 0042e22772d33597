/** The language of EXPR: what expressions are worth, what they may cost, and how faults are shown. */
import { expect, test } from 'vitest';

import { ExpressionInvalid, displayValue, evaluateExpression, typeName, typeOf } from '../src/index.ts';
import type { EvaluateOptions } from '../src/index.ts';

const shown = (source: string, options: EvaluateOptions = {}): string => {
  const value = evaluateExpression(source, options);
  return `${displayValue(value)} : ${typeName(typeOf(value))}`;
};

function faultOf(source: string, options: EvaluateOptions = {}): string {
  try {
    return `no fault: ${shown(source, options)}`;
  } catch (error) {
    if (error instanceof ExpressionInvalid) return error.message;
    throw error;
  }
}

test.each([
  ['0.1 + 0.2', '0.30000000000000004 : float'],
  ['round(2.675, 2)', '2.67 : float'],
  ['1e16 + 0.0', '1e+16 : float'],
  ['-7 // 2', '-4 : int'],
  ['-7 % 3', '2 : int'],
  ['2 ** 62', '4611686018427387904 : int'],
  ['1 < 2 < 3', 'true : bool'],
  ['[x * 2 for x in range(4) if x > 1]', '[4, 6] : list[int]'],
  ["'a🌍b'[1:]", '🌍b : string'],
  ["'x'.join(['a', 'b']) if false else ['a', 'b'].join('x')", 'axb : string'],
  ["path('/a/b.tar.gz').with_suffix('.zip')", '/a/b.tar.zip : path'],
  ["path('s3://b//k').parts", '["s3://b", "", "k"] : list[string]'],
  ["re_findall('a1b22', r'[0-9]+')", '["1", "22"] : list[string]'],
])('%s is %s', (source, expected) => {
  expect(faultOf(source)).toBe(`no fault: ${expected}`);
});

test('Windows paths go by their own rules', () => {
  expect(shown("path('C:/a/b').parent", { pathFormat: 'WINDOWS' })).toBe('C:\\a : path');
});

test('a fault shows its line and its place', () => {
  expect(faultOf("1 + int('bad')")).toBe("Cannot convert 'bad' to int\n  1 + int('bad')\n      ^~~~~~~~~~");
  expect(faultOf('1 / 0')).toBe('Division by zero\n  1 / 0\n  ~~^~~');
});

test('with names that are only known by type, the result is a type', () => {
  const symbols = new Map([['Param.N', { is: 'unresolved', type: { is: 'int' } } as const]]);
  expect(shown('Param.N * 2', { symbols })).toContain('unresolved[int]');
  expect(shown("'x' + string(Param.N)", { symbols })).toContain('unresolved[string]');
  expect(faultOf("Param.N + 'x'", { symbols })).toContain("Cannot use '+' operator with int and string");
});

test('an expression cannot cost more than its budget', () => {
  expect(faultOf('[x for x in range(10000000)]')).toContain('exceeded limit');
  expect(faultOf("'x' * 1000000000")).toContain('exceeded limit');
  expect(faultOf('1 + 1', { limits: { operations: 0 } })).toContain('operation count (1) exceeded limit (0)');
  expect(faultOf(`${'('.repeat(200)}1${')'.repeat(200)}`)).toContain('nested deeper than 64');
  expect(faultOf(`1${' + 1'.repeat(200)}`)).toContain('nested deeper than 64');
});

test('a pattern that makes others backtrack for ever is matched in time with the text', () => {
  expect(shown(`re_match('${'a'.repeat(5000)}b', '(a*)*c')`)).toBe('null : nulltype');
});
