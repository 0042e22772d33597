/** The inside of a Python string literal: escapes, raw strings, and strings of three quotes. */
import { ExpressionInvalid } from './expression-invalid.ts';

interface Opened {
  /** Where the literal begins, prefix included. */
  readonly start: number;
  /** The first unit after the opening quotes. */
  readonly open: number;
  readonly quote: string;
  readonly isRaw: boolean;
}

const simple: Readonly<Record<string, string>> = {
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};
const hexDigits: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** @throws ExpressionInvalid for a literal without an end or with a bad escape. */
export function readString(
  text: string,
  { start, open, quote, isRaw }: Opened,
): { value: string; end: number } {
  let value = '';
  let at = open;
  while (at < text.length) {
    if (text.startsWith(quote, at)) return { value, end: at + quote.length };
    const unit = text[at]!;
    if (unit === '\n' && quote.length === 1) break;
    if (unit !== '\\') {
      value += unit;
      at += 1;
      continue;
    }
    if (isRaw) {
      value += text.slice(at, at + 2);
      at += 2;
      continue;
    }
    const escape = escapeAt(text, at, start);
    value += escape.value;
    at += escape.length;
  }
  const end = quote.length === 1 ? Math.max(at, start + 1) : text.length;
  throw new ExpressionInvalid('Syntax error: missing closing quote in string literal', {
    text,
    span: { start, end },
  });
}

function escapeAt(text: string, at: number, start: number): { value: string; length: number } {
  const letter = text[at + 1] ?? '';
  const known = simple[letter];
  if (known !== undefined) return { value: known, length: 2 };
  if (text.startsWith('\r\n', at + 1)) return { value: '', length: 3 };
  const octal = /^[0-7]{1,3}/.exec(text.slice(at + 1, at + 4))?.[0];
  if (octal !== undefined)
    return { value: String.fromCodePoint(Number.parseInt(octal, 8)), length: 1 + octal.length };
  const digits = hexDigits[letter];
  if (digits === undefined && letter !== 'N') return { value: `\\${letter}`, length: 1 + letter.length };
  const hex = text.slice(at + 2, at + 2 + (digits ?? 0));
  const point = hex.length === digits && /^[0-9a-fA-F]+$/.test(hex) ? Number.parseInt(hex, 16) : Number.NaN;
  if (point <= 0x10_ff_ff && (point < 0xd8_00 || point > 0xdf_ff)) {
    return { value: String.fromCodePoint(point), length: 2 + hex.length };
  }
  throw new ExpressionInvalid('Syntax error: Got unexpected unicode', {
    text,
    span: { start, end: text.length },
  });
}
