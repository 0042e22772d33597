/**
 * Readers of numbers. A template may write an integer as 5 or '5'; both are read as text, so that nothing
 * between the template and the command line rounds them.
 */
import { parseDecimal } from './decimal.ts';
import { describe } from './reader.ts';
import type { Place, Reader } from './reader.ts';
import { WrittenFloat } from './written-float.ts';

const [least, greatest] = [-(2n ** 63n), 2n ** 63n - 1n];

/** The integer in a text, or undefined if it is not one of 64 bits. */
export function parseInteger(text: string): bigint | undefined {
  const trimmed = text.trim();
  if (!/^[+-]?\d{1,64}$/.test(trimmed)) return undefined;
  const value = BigInt(trimmed.replace(/^\+/, ''));
  return value >= least && value <= greatest ? value : undefined;
}

/** An integer or a string with one, as canonical decimal text. */
export const integerText: Reader<string> = (value, place) => {
  if (value instanceof WrittenFloat) return place.say(`Expected integer, got float: ${value.text}`);
  switch (typeof value) {
    case 'number':
      if (!Number.isInteger(value)) return place.say(`Expected integer, got float: ${value}`);
      return inInt64(BigInt(value), place);
    case 'bigint':
      return inInt64(value, place);
    case 'string': {
      const parsed = parseInteger(value);
      return parsed === undefined ? place.say(`Cannot parse '${value}' as integer`) : String(parsed);
    }
    default:
      return place.say(`Expected integer, got ${describe(value).split(' ')[0]}`);
  }
};

function inInt64(value: bigint, place: Place): string | undefined {
  if (value >= least && value <= greatest) return String(value);
  return place.say(`Cannot parse '${value}' as integer`);
}

/** A finite number or a string with one, as decimal text; a string keeps its digits (`1.50`). */
export const decimalText: Reader<string> = (value, place) => {
  const written = value instanceof WrittenFloat ? value.text : value;
  if (typeof written !== 'string' && typeof written !== 'number' && typeof written !== 'bigint') {
    return place.say(`Expected float, got ${describe(value).split(' ')[0]}`);
  }
  const trimmed = String(written).trim();
  return parseDecimal(trimmed) ? trimmed : place.say(`Cannot parse '${written}' as float`);
};

/** A {@link count} of 1 or more. */
export const positiveCount: Reader<number> = (value, place) => {
  const read = count(value, place);
  return read === 0 ? place.say('must be greater than 0.') : read;
};

/** A count that only a number may give: no string, not negative. */
export const count: Reader<number> = (value, place) => {
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    return place.say(`invalid type: ${describe(value)}, expected usize`);
  }
  return value >= 0 ? value : place.say(`invalid value: integer \`${value}\`, expected usize`);
};
