/** What a definition demands of values, and whether a value obeys. Used for defaults, lists and real values. */
import { compareNumberTexts, parseDecimal } from './decimal.ts';
import { parseInteger } from './number-readers.ts';
import { IntRangeInvalid } from './errors.ts';
import { boolOfWord } from './expr/library/conversion.ts';
import { IntRange } from './int-range.ts';
import { isListType, itemFaults, itemsOfText, listLengthFault, listText } from './list-parameter.ts';
import { Place } from './reader.ts';
import { rulesFor } from './rules.ts';
import type { ItemConstraints, JobParameter } from './template-types.ts';
import type { ListParameterType } from './types.ts';
import { codePoints } from './code-points.ts';

/** The limits of a definition: lengths in characters for text, bounds for numbers. */
export type Constraints = Pick<JobParameter, 'type' | 'allowedValues'> & {
  readonly item?: ItemConstraints | undefined;
  readonly minLength?: number | undefined;
  readonly maxLength?: number | undefined;
  readonly minValue?: string | undefined;
  readonly maxValue?: string | undefined;
};

export const isNumeric = ({ type }: Pick<JobParameter, 'type'>): boolean =>
  type === 'INT' || type === 'FLOAT';

/** A decimal without the zeros that add nothing: `100.0` is 100. */
const plain = (text: string): string => text.replace(/^([^eE]*?\.\d*?)0+$/, '$1').replace(/\.$/, '');

/** What contradicts itself in the limits alone. */
export function contradictions(constraints: Constraints): string[] {
  const { minLength, maxLength, minValue, maxValue, allowedValues } = constraints;
  const faults: string[] = [];
  if (allowedValues?.length === 0) faults.push('allowedValues must not be empty.');
  if (minLength !== undefined && maxLength !== undefined && minLength > maxLength) {
    faults.push(`minLength (${minLength}) > maxLength (${maxLength}).`);
  }
  if (minValue !== undefined && maxValue !== undefined && compareNumberTexts(minValue, maxValue) > 0) {
    faults.push(`minValue (${plain(minValue)}) > maxValue (${plain(maxValue)}).`);
  }
  return faults;
}

/** Where a value is outside the limits. `what` names it: `default`, `allowedValues[2]`, `value`. */
export function limitFault(value: string, what: string, constraints: Constraints): string | undefined {
  const { minLength, maxLength, minValue, maxValue } = constraints;
  if (isListType(constraints.type)) return listLengthFault(value, what, defined(constraints));
  if (isNumeric(constraints)) {
    const isListed = what.startsWith('allowedValues');
    const shown = isListed ? `${what} (${value})` : `value ${value}`;
    if (minValue !== undefined && compareNumberTexts(value, minValue) < 0) {
      return isListed
        ? `${shown} is less than minValue (${minValue}).`
        : `${shown} is less than minimum ${minValue}`;
    }
    if (maxValue !== undefined && compareNumberTexts(value, maxValue) > 0) {
      return isListed ? `${shown} exceeds maxValue (${maxValue}).` : `${shown} exceeds maximum ${maxValue}`;
    }
    return undefined;
  }
  const length = codePoints(value);
  if (minLength !== undefined && length < minLength)
    return `${what} length ${length} < minLength ${minLength}.`;
  if (maxLength !== undefined && length > maxLength)
    return `${what} length ${length} > maxLength ${maxLength}.`;
  return undefined;
}

export function isAllowed(value: string, constraints: Constraints): boolean {
  const { allowedValues } = constraints;
  if (!allowedValues) return true;
  if (!isNumeric(constraints)) return allowedValues.includes(value);
  return allowedValues.some((allowed) => compareNumberTexts(allowed, value) === 0);
}

/** Everything wrong with a value of the right type. */
export function valueFaults(value: string, what: string, constraints: Constraints): string[] {
  const fault = limitFault(value, what, constraints);
  const faults = fault === undefined ? [] : [fault];
  if (isListType(constraints.type)) faults.push(...itemFaults(value, what, constraints.item));
  if (!isAllowed(value, constraints)) faults.push(`value ${value} is not in allowed values`);
  return faults;
}

/** The text of a supplied value, or why it has the wrong type. A number's digits stay as they were written. */
export function coerce(
  value: string | number | boolean | bigint,
  type: JobParameter['type'],
): { text: string } | { fault: string } {
  const text = String(value);
  switch (type) {
    case 'STRING':
    case 'PATH':
      return { text };
    case 'INT':
      if (typeof value === 'boolean' || parseInteger(text) === undefined) {
        return { fault: `value (${text}) is not an integer of 64 bits` };
      }
      return { text: text.trim() };
    case 'FLOAT':
      if (typeof value === 'boolean' || !parseDecimal(text.trim())) {
        return { fault: `value (${text}) is not a finite number` };
      }
      return { text: text.trim() };
    case 'BOOL': {
      const read = boolOfWord(text);
      return read === undefined ? { fault: `value (${text}) is not a boolean` } : { text: String(read) };
    }
    case 'RANGE_EXPR':
      return coerceRange(text);
    default:
      return coerceList(text, type);
  }
}

function coerceRange(text: string): { text: string } | { fault: string } {
  try {
    IntRange.parse(text);
    return { text };
  } catch (error) {
    if (!(error instanceof IntRangeInvalid)) throw error;
    return { fault: `value (${text}) is not a range expression: ${error.message}` };
  }
}

function coerceList(text: string, type: ListParameterType): { text: string } | { fault: string } {
  const place = new Place(rulesFor(['EXPR']));
  const read = listText(type)(itemsOfText(text) ?? text, place);
  if (read !== undefined && place.problems.length === 0) return { text: read };
  return { fault: `value (${text}) is not a ${type}: ${place.problems[0]?.message ?? 'no list'}` };
}

const defined = ({ minLength, maxLength }: Constraints): ItemConstraints => ({
  ...(minLength === undefined ? {} : { minLength }),
  ...(maxLength === undefined ? {} : { maxLength }),
});
