/** Escapes of a pattern, outside and inside of classes. */
import { shorthand } from './pattern.ts';
import type { Pattern } from './pattern.ts';
import type { PatternReader } from './parse.ts';
import { unsupported } from './refusals.ts';

const controls: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };
const hexDigits: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

export type Escaped =
  | { readonly is: 'character'; readonly point: number }
  | { readonly is: 'class'; readonly holds: (character: string) => boolean };

/** One escape that stands for characters. `reader` is at the backslash. */
export function readEscapedCharacter(reader: PatternReader): Escaped {
  reader.at += 1;
  const letter = reader.next;
  if (letter === undefined) throw reader.invalid('incomplete escape sequence');
  reader.at += 1;
  const holds = shorthand[letter];
  if (holds) return { is: 'class', holds };
  const control = controls[letter];
  if (control !== undefined) return { is: 'character', point: control };
  const digits = hexDigits[letter];
  if (digits !== undefined) return { is: 'character', point: readHex(reader, letter, digits) };
  if (letter === 'p' || letter === 'P') throw unsupported('Unicode property class \\p{...}');
  if (/[1-9]/.test(letter)) throw unsupported('backreferences');
  if (/[A-Za-z0-9<>]/.test(letter) || letter > '\u007f') throw reader.invalid('unrecognized escape sequence');
  return { is: 'character', point: letter.codePointAt(0)! };
}

function readHex(reader: PatternReader, letter: string, count: number): number {
  if (reader.next === '{') throw unsupported(`Unicode brace syntax \\${letter}{...}`);
  const hex = reader.rest().slice(0, count);
  if (hex.length < count || !/^[0-9a-fA-F]+$/.test(hex)) throw reader.invalid('invalid hexadecimal digit');
  reader.at += count;
  return Number.parseInt(hex, 16);
}

export function readEscape(reader: PatternReader): Pattern {
  if (reader.take('\\A')) return { is: 'assert', what: 'start' };
  if (reader.take('\\b')) return { is: 'assert', what: 'boundary' };
  if (reader.take('\\B')) return { is: 'assert', what: 'no-boundary' };
  if (reader.starts('\\Z') || reader.starts('\\z')) {
    throw unsupported(`end-of-string anchor ${reader.rest().slice(0, 2)}`);
  }
  if (reader.starts('\\<') || reader.starts('\\>')) {
    throw unsupported(`word boundary assertion ${reader.rest().slice(0, 2)}`);
  }
  const escaped = readEscapedCharacter(reader);
  return escaped.is === 'class'
    ? reader.set([], [escaped.holds])
    : reader.set([[escaped.point, escaped.point]]);
}
