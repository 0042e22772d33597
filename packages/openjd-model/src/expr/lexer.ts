/**
 * Cuts the text of an expression into tokens, as Python does inside parentheses: line ends mean nothing.
 * What the language leaves out (f-strings, bytes) is refused by name.
 */
import { ExpressionInvalid } from './expression-invalid.ts';
import { readNumber } from './number-literal.ts';
import { readString } from './string-literal.ts';

export type Token = {
  readonly start: number;
  readonly end: number;
} & (
  | { readonly kind: 'name' | 'keyword' | 'operator'; readonly text: string }
  | { readonly kind: 'int'; readonly value: bigint }
  | { readonly kind: 'float'; readonly value: number; readonly text: string }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'f-string' }
  | { readonly kind: 'end' }
);

/** More than any expression needs. */
const longest = 64 * 1024;

const keywords = new Set(
  `False None True and as assert async await break class continue def del elif else except finally for from
  global if import in is lambda nonlocal not or pass raise return try while with yield`.split(/\s+/),
);
const operators = (
  '**= //= >>= <<= ... ** // << >> <= >= == != -> := += -= *= /= %= &= |= ^= @= ' +
  '+ - * / % @ & | ^ ~ < > ( ) [ ] { } , : . ; ='
).split(' ');

const name = /[\p{XID_Start}_][\p{XID_Continue}]*/uy;
const blank = /(?:[ \t\f\r\n]|\\\r?\n|#[^\n]*)+/y;
const stringStart = /([A-Za-z]{0,2})('''|"""|'|")/y;

const matchAt = (pattern: RegExp, text: string, at: number): RegExpExecArray | null => {
  pattern.lastIndex = at;
  return pattern.exec(text);
};

/** @throws ExpressionInvalid for what is no token. */
export function tokenize(text: string): Token[] {
  if (text.length > longest) {
    throw new ExpressionInvalid(`Expression is longer than ${longest} characters`);
  }
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    at += matchAt(blank, text, at)?.[0].length ?? 0;
    if (at >= text.length) break;
    const token = tokenAt(text, at);
    tokens.push(token);
    at = token.end;
  }
  tokens.push({ kind: 'end', start: text.trimEnd().length, end: text.trimEnd().length });
  return tokens;
}

function tokenAt(text: string, start: number): Token {
  const quoted = matchAt(stringStart, text, start);
  if (quoted) return stringAt(text, start, quoted);
  const word = matchAt(name, text, start)?.[0];
  if (word !== undefined) {
    return { kind: keywords.has(word) ? 'keyword' : 'name', text: word, start, end: start + word.length };
  }
  if (/[0-9]/.test(text[start]!) || (text[start] === '.' && /[0-9]/.test(text[start + 1] ?? ''))) {
    return readNumber(text, start);
  }
  const operator = operators.find((one) => text.startsWith(one, start));
  if (operator !== undefined)
    return { kind: 'operator', text: operator, start, end: start + operator.length };
  const character = String.fromCodePoint(text.codePointAt(start)!);
  const span = { start, end: start + character.length };
  throw new ExpressionInvalid(`Syntax error: Got unexpected token ${character}`, { text, span });
}

function stringAt(text: string, start: number, [whole, prefix = '', quote = '']: RegExpExecArray): Token {
  const kind = prefix.toLowerCase();
  const isRaw = kind.includes('r');
  const read = readString(text, { start, open: start + whole.length, quote, isRaw });
  const span = { start, end: read.end };
  if (kind.includes('b')) {
    throw new ExpressionInvalid(`Byte strings (b'...') are not supported. Use '...' or "..." instead.`, {
      text,
      span,
    });
  }
  if (kind === 'u') {
    throw new ExpressionInvalid(
      `Unicode string prefix u'...' is not supported. Use '...' or "..." instead.`,
      { text, span },
    );
  }
  if (kind.includes('f') || kind.includes('t')) return { kind: 'f-string', ...span };
  if (kind !== '' && kind !== 'r') {
    throw new ExpressionInvalid('Syntax error: Unexpected string prefix', { text, span });
  }
  return { kind: 'string', value: read.value, ...span };
}
