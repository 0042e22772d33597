/** Integers (also 0x, 0o, 0b and with `_` between digits) and floats, as Python writes them. */
import { ExpressionInvalid } from './expression-invalid.ts';
import type { Token } from './lexer.ts';

const based = /0(?:[xX](?:_?[0-9a-fA-F])+|[oO](?:_?[0-7])+|[bB](?:_?[01])+)/y;
const fraction =
  /(?:(?:[0-9](?:_?[0-9])*)?\.[0-9](?:_?[0-9])*|[0-9](?:_?[0-9])*\.)(?:[eE][+-]?[0-9](?:_?[0-9])*)?|[0-9](?:_?[0-9])*[eE][+-]?[0-9](?:_?[0-9])*/y;
const whole = /[0-9](?:_?[0-9])*/y;

export function readNumber(text: string, start: number): Token {
  const read = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = start;
    return pattern.exec(text)?.[0];
  };
  const withBase = read(based);
  if (withBase !== undefined) {
    const end = start + withBase.length;
    return { kind: 'int', value: BigInt(withBase.replaceAll('_', '').toLowerCase()), start, end };
  }
  const real = read(fraction);
  if (real !== undefined) {
    const end = start + real.length;
    const value = Number(real.replaceAll('_', ''));
    const span = { start, end };
    if (!Number.isFinite(value))
      throw new ExpressionInvalid('Float operation produced infinity', { text, span });
    return { kind: 'float', value, text: real, ...span };
  }
  const digits = read(whole)!;
  const span = { start, end: start + digits.length };
  if (/^0[0_]*[1-9]/.test(digits)) {
    throw new ExpressionInvalid('Syntax error: Invalid decimal integer literal', { text, span });
  }
  if (/^0[xXoObB]/.test(text.slice(start))) {
    throw new ExpressionInvalid('Syntax error: Invalid number', { text, span: { start, end: start + 2 } });
  }
  return { kind: 'int', value: BigInt(digits.replaceAll('_', '')), ...span };
}
