/** Readers of strings: names, identifiers, descriptions, format strings. Lengths are in code points. */
import { codePoints } from './code-points.ts';
import { FormatStringInvalid } from './errors.ts';
import { ExpressionInvalid } from './expr/expression-invalid.ts';
import { parseFormatString } from './format-string.ts';
import { describe } from './reader.ts';
import type { Place, Reader } from './reader.ts';
import type { Rules } from './rules.ts';

export interface TextOptions {
  readonly mayBeEmpty?: boolean;
  readonly most?: (rules: Rules) => number;
  /** Which characters of category Cc are fine: none, those that end or indent lines, or all. */
  readonly control?: 'none' | 'lines' | 'any';
}

// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const anyControl = /[\u0000-\u001F\u007F-\u009F]/;
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const controlButLines = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]/;

/** Why a string breaks its constraints, or nothing. */
export function textFault(value: string, options: TextOptions, rules: Rules): string | undefined {
  const { mayBeEmpty = false, most, control = 'any' } = options;
  if (value === '' && !mayBeEmpty) return 'must not be empty.';
  const limit = most?.(rules);
  if (limit !== undefined && value.length > limit && codePoints(value) > limit) {
    return `exceeds ${limit} characters.`;
  }
  if (control === 'none' && anyControl.test(value)) return 'contains control characters.';
  if (control === 'lines' && controlButLines.test(value)) return 'contains control characters.';
  return undefined;
}

export const anyText: Reader<string> = (value, place) =>
  typeof value === 'string' ? value : place.say(`invalid type: ${describe(value)}, expected a string`);

export function text(options: TextOptions = {}): Reader<string> {
  return (value, place) => {
    const read = anyText(value, place);
    if (read === undefined) return undefined;
    const fault = textFault(read, options, place.rules);
    return fault === undefined ? read : place.say(fault);
  };
}

/** A string whose names between braces are well formed. Whether they exist is checked by `scope-check.ts`. */
export function formatText(options: TextOptions = {}): Reader<string> {
  const readText = text(options);
  return (value, place) => {
    const read = readText(value, place);
    return read === undefined || hasGoodBraces(read, place) ? read : undefined;
  };
}

function hasGoodBraces(read: string, place: Place): boolean {
  if (!read.includes('{{') && !read.includes('}}')) return true;
  try {
    parseFormatString(read, { expressions: place.rules.allows('EXPR') });
    return true;
  } catch (error) {
    if (error instanceof ExpressionInvalid) {
      place.say(error.message);
      return false;
    }
    if (!(error instanceof FormatStringInvalid)) throw error;
    place.say(error.needsExtension ? error.reason : error.message);
    return false;
  }
}

/** True if the text holds something to be filled in. */
export const isFormat = (value: string): boolean => value.includes('{{');

export const identifier: Reader<string> = (value, place) => {
  const read = anyText(value, place);
  if (read === undefined) return undefined;
  const most = place.rules.limits.identifier;
  if (read === '' || read.length > most) {
    return place.say(`Identifier length must be 1..=${most}, got ${read.length}`);
  }
  // A record cannot hold a key of this name, and values travel in records.
  if (read === '__proto__') return place.say("Identifier '__proto__' is reserved");
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(read)) return read;
  return place.say(`Identifier '${read}' does not match pattern [A-Za-z_][A-Za-z0-9_]*`);
};

export const description = text({ most: ({ limits }) => limits.description, control: 'lines' });

export const stepOrEnvironmentName = text({
  most: ({ limits }) => limits.stepOrEnvironmentName,
  control: 'none',
});
