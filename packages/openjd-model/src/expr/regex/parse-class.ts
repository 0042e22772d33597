/** Classes of characters between brackets. */
import type { Pattern } from './pattern.ts';
import type { PatternReader } from './parse.ts';
import { readEscapedCharacter } from './parse-escape.ts';
import type { Escaped } from './parse-escape.ts';
import { unsupported } from './refusals.ts';

export function readClass(reader: PatternReader): Pattern {
  reader.at += 1;
  const isNegated = reader.take('^');
  const ranges: [number, number][] = [];
  const classes: ((character: string) => boolean)[] = [];
  for (let isFirst = true; isFirst || reader.next !== ']'; isFirst = false) {
    if (reader.next === undefined) throw reader.invalid('unclosed character class');
    refuseSetOperations(reader);
    const item = readItem(reader);
    if (item.is === 'class') {
      classes.push(item.holds);
      continue;
    }
    const isRange = reader.next === '-' && reader.characters[reader.at + 1] !== ']';
    if (!isRange) {
      ranges.push([item.point, item.point]);
      continue;
    }
    refuseSetOperations(reader);
    reader.at += 1;
    if (reader.next === undefined) throw reader.invalid('unclosed character class');
    const end = readItem(reader);
    if (end.is === 'class') throw reader.invalid('invalid range boundary, must be a literal');
    if (end.point < item.point)
      throw reader.invalid('invalid character class range, the start must be <= the end');
    ranges.push([item.point, end.point]);
  }
  reader.at += 1;
  return reader.set(ranges, classes, isNegated);
}

function readItem(reader: PatternReader): Escaped {
  if (reader.next === '\\') return readEscapedCharacter(reader);
  if (reader.next === '[') {
    const posix = /^\[:\^?[a-z]+:\]/.exec(reader.rest())?.[0];
    throw unsupported(posix === undefined ? 'nested character class' : `POSIX character class [${posix}]`);
  }
  const point = reader.next!.codePointAt(0)!;
  reader.at += 1;
  return { is: 'character', point };
}

function refuseSetOperations(reader: PatternReader): void {
  if (reader.starts('&&')) throw unsupported('character class intersection &&');
  if (reader.starts('--')) throw unsupported('character class difference --');
  if (reader.starts('~~')) throw unsupported('character class symmetric difference ~~');
}
