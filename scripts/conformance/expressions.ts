/** Rows of `{expr, path_format, value, type | error}`: what an expression of EXPR is worth. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { displayValue, evaluateExpression, typeName, typeOf } from '@pipl/openjd-model';
import { errorOf, failed, passed, type Case, type Verdict } from './case.ts';
import type { Found } from './suite.ts';

interface Row {
  readonly expr: string;
  readonly path_format?: 'POSIX' | 'WINDOWS';
  readonly value?: string;
  readonly type?: string;
  readonly error?: string;
}

export function expressionCases({ root, file, extension }: Found): Case[] {
  return readFileSync(join(root, file), 'utf8')
    .split('\n')
    .map((line, index) => ({ line, name: `${file}:${index + 1}` }))
    .filter(({ line }) => line.trim() !== '')
    .map(({ line, name }) => ({
      category: 'expressions',
      extension,
      name,
      run: () => verdictOfRow(JSON.parse(line) as Row),
    }));
}

function verdictOfRow({ expr, path_format: pathFormat = 'POSIX', value, type, error }: Row): Verdict {
  let shown = '';
  const fault = errorOf(() => {
    const result = evaluateExpression(expr, { pathFormat });
    shown = `${displayValue(result)} : ${typeName(typeOf(result))}`;
  });
  const got = fault === undefined ? shown : `error: ${fault}`;
  if (error !== undefined) return fault === undefined ? failed(`${expr} to fail: ${error}`, got) : passed;
  return got === `${value} : ${type}` ? passed : failed(`${expr} to be ${value} : ${type}`, got);
}
