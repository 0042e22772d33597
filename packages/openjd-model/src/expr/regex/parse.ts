/** Reads the patterns of EXPR: what a matcher in linear time can keep. The rest is refused by name. */
import { ExpressionInvalid } from '../expression-invalid.ts';
import { readClass } from './parse-class.ts';
import { readEscape } from './parse-escape.ts';
import { refuseGroup, unsupported } from './refusals.ts';
import { characterSet } from './pattern.ts';
import type { CharacterSet, Pattern } from './pattern.ts';

export interface Flags {
  readonly i: boolean;
  readonly m: boolean;
  readonly s: boolean;
  readonly x: boolean;
  readonly U: boolean;
}

/** Where in a pattern we read, and what flags hold there. */
export class PatternReader {
  readonly characters: readonly string[];
  at = 0;
  groups = 0;
  depth = 0;
  readonly names = new Set<string>();
  flags: Flags = { i: false, m: false, s: false, x: false, U: false };

  constructor(source: string) {
    this.characters = [...source];
  }

  get next(): string | undefined {
    return this.characters[this.at];
  }

  take(text: string): boolean {
    const found = this.starts(text);
    if (found) this.at += text.length;
    return found;
  }

  starts(text: string): boolean {
    return this.characters.slice(this.at, this.at + text.length).join('') === text;
  }

  rest(): string {
    return this.characters.slice(this.at).join('');
  }

  invalid(reason: string): ExpressionInvalid {
    return new ExpressionInvalid(`Invalid regex pattern: ${reason} at position ${this.at}`);
  }

  set(ranges: CharacterSet['ranges'], classes: CharacterSet['classes'] = [], isNegated = false): Pattern {
    return { is: 'set', set: characterSet({ ranges, classes, isNegated, ignoresCase: this.flags.i }) };
  }
}

const deepest = 100;

export function parsePattern(source: string): { pattern: Pattern; groups: number } {
  if (source === '') throw new ExpressionInvalid('Empty regex pattern is not allowed');
  const reader = new PatternReader(source);
  const pattern = readChoice(reader);
  if (reader.next !== undefined) throw reader.invalid('unopened group');
  return { pattern, groups: reader.groups };
}

function readChoice(reader: PatternReader): Pattern {
  reader.depth += 1;
  if (reader.depth > deepest) throw reader.invalid('nested too deeply');
  const before = reader.flags;
  const options: Pattern[] = [];
  do options.push(readSequence(reader));
  while (reader.take('|'));
  reader.flags = before;
  reader.depth -= 1;
  return options.length === 1 ? options[0]! : { is: 'choice', options };
}

function readSequence(reader: PatternReader): Pattern {
  const parts: Pattern[] = [];
  while (reader.next !== undefined && reader.next !== '|' && reader.next !== ')') {
    if (reader.flags.x && skipBlank(reader)) continue;
    parts.push(readRepeated(reader));
  }
  return parts.length === 1 ? parts[0]! : { is: 'sequence', parts };
}

function skipBlank(reader: PatternReader): boolean {
  if (reader.take('#')) {
    while (reader.next !== undefined && reader.next !== '\n') reader.at += 1;
    return true;
  }
  const isBlank = /\s/.test(reader.next ?? '');
  if (isBlank) reader.at += 1;
  return isBlank;
}

function readRepeated(reader: PatternReader): Pattern {
  const from = reader.next!;
  if (/[*+?{]/.test(from)) throw reader.invalid('repetition operator missing expression');
  let read = readAtom(reader);
  for (let depth = 0; ; depth += 1) {
    if (depth > deepest) throw reader.invalid('nested too deeply');
    const count = readCount(reader);
    if (!count) return read;
    const isLazy = reader.take('?');
    read = { is: 'repeat', of: read, ...count, isGreedy: isLazy === reader.flags.U };
  }
}

function readCount(reader: PatternReader): { least: number; most: number } | undefined {
  if (reader.take('*')) return { least: 0, most: Infinity };
  if (reader.take('+')) return { least: 1, most: Infinity };
  if (reader.take('?')) return { least: 0, most: 1 };
  if (reader.next !== '{') return undefined;
  const parts = /^\{\s*(\d{1,6})\s*(,\s*(\d{1,6})?\s*)?\}/.exec(reader.rest());
  if (!parts) throw reader.invalid('repetition quantifier expects a valid decimal');
  reader.at += parts[0].length;
  const least = Number(parts[1]);
  const most = parts[2] === undefined ? least : parts[3] === undefined ? Infinity : Number(parts[3]);
  if (most < least) throw reader.invalid('invalid repetition count range, the start must be <= the end');
  return { least, most };
}

function readAtom(reader: PatternReader): Pattern {
  const character = reader.next!;
  if (character === '(') return readGroup(reader);
  if (character === '[') return readClass(reader);
  if (character === '\\') return readEscape(reader);
  reader.at += 1;
  if (character === '.') {
    return reader.flags.s ? reader.set([], [], true) : reader.set([[10, 10]], [], true);
  }
  if (character === '^') return { is: 'assert', what: reader.flags.m ? 'line-start' : 'start' };
  if (character === '$') return { is: 'assert', what: reader.flags.m ? 'line-end' : 'end' };
  const point = character.codePointAt(0)!;
  return reader.set([[point, point]]);
}

function readGroup(reader: PatternReader): Pattern {
  refuseGroup(reader);
  reader.at += 1;
  let index: number | undefined;
  const before = reader.flags;
  if (reader.take('?')) {
    const name = /^P<([^>]*)>/.exec(reader.rest());
    if (name) {
      index = nameGroup(reader, name);
    } else {
      const flags = readFlags(reader);
      if (reader.take(')')) {
        reader.flags = flags;
        return { is: 'empty' };
      }
      if (!reader.take(':')) throw reader.invalid('unrecognized flag');
      reader.flags = flags;
    }
  } else {
    reader.groups += 1;
    index = reader.groups;
  }
  const of = readChoice(reader);
  if (!reader.take(')')) throw reader.invalid('unclosed group');
  reader.flags = before;
  return index === undefined ? of : { is: 'group', of, index };
}

function nameGroup(reader: PatternReader, [whole, name = '']: RegExpExecArray): number {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw reader.invalid('invalid capture group name');
  if (reader.names.has(name)) throw reader.invalid('duplicate capture group name');
  reader.names.add(name);
  reader.at += [...whole].length;
  reader.groups += 1;
  return reader.groups;
}

/** `im-s`, up to the colon or the parenthesis that ends them. */
function readFlags(reader: PatternReader): Flags {
  const flags: Record<string, boolean> = { ...reader.flags };
  let isOn = true;
  for (; reader.next !== undefined && !/[:)]/.test(reader.next); reader.at += 1) {
    if (reader.next === '-' && isOn) isOn = false;
    else if (/[imsxUu]/.test(reader.next)) flags[reader.next] = isOn;
    else throw reader.invalid('unrecognized flag');
  }
  if (reader.next === ')' && !isOn) {
    throw unsupported('global flag negation (?-...); use a scoped group (?-i:...)');
  }
  return flags as unknown as Flags;
}
