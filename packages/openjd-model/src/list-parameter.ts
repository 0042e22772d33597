/** EXPR: values of LIST parameters. In templates they are lists, afterwards JSON text with every digit kept. */
import { boolOfWord } from './expr/library/conversion.ts';
import { codePoints } from './code-points.ts';
import { compareNumberTexts } from './decimal.ts';
import { DocumentUnreadable } from './errors.ts';
import { readDocument } from './document.ts';
import { count, decimalText, integerText } from './number-readers.ts';
import { describe, list, object, optional } from './reader.ts';
import type { Reader } from './reader.ts';
import type { ItemConstraints } from './template-types.ts';
import { anyText } from './text-readers.ts';
import type { JobParameterType, ListParameterType } from './types.ts';
import { WrittenFloat } from './written-float.ts';

export type ItemType = 'STRING' | 'PATH' | 'INT' | 'FLOAT' | 'BOOL' | 'LIST[INT]';

export const isListType = (type: JobParameterType): type is ListParameterType => type.startsWith('LIST[');

export const itemTypeOf = (type: ListParameterType | 'LIST[INT]'): ItemType => type.slice(5, -1) as ItemType;

/** True, false, 1, 0, and the words for them, as `true` or `false`. */
export const boolText: Reader<string> = (value, place) => {
  const isWord = typeof value === 'string' || typeof value === 'boolean' || value === 0 || value === 1;
  const read = isWord ? boolOfWord(String(value)) : undefined;
  return read === undefined ? place.say(`${describe(value)} is not a boolean`) : String(read);
};

const quoted: Reader<string> = (value, place) => {
  const read = anyText(value, place);
  return read === undefined ? undefined : JSON.stringify(read);
};

/** Numbers in a list are numbers: only a value by itself may be a string of one. */
const integerItem: Reader<string> = (value, place) =>
  typeof value === 'string'
    ? place.say(`list items must be integers, got ${describe(value)}`)
    : integerText(value, place);

const numberItemText: Reader<string> = (value, place) => {
  if (typeof value === 'string') return place.say(`list items must be numbers, got ${describe(value)}`);
  const read = decimalText(value, place);
  // JSON has no `.5`, `5.` or `+5`.
  return read
    ?.replace(/^\+/, '')
    .replace(/^(-?)\./, '$10.')
    .replace(/\.(?=$|[eE])/, '.0');
};

const readers: Readonly<Record<Exclude<ItemType, 'LIST[INT]'>, Reader<string>>> = {
  STRING: quoted,
  PATH: quoted,
  INT: integerItem,
  FLOAT: numberItemText,
  BOOL: boolText,
};

const itemReader = (type: ItemType): Reader<string> =>
  type === 'LIST[INT]' ? listText(type) : readers[type];

/** A list, as the JSON text of one. */
export function listText(type: ListParameterType | 'LIST[INT]'): Reader<string> {
  const read = list(itemReader(itemTypeOf(type)));
  return (value, place) => {
    const items = read(value, place);
    return items && `[${items.join(', ')}]`;
  };
}

/** Items of JSON text; undefined if it is not a list. Numbers stay as written. */
export function itemsOfText(text: string): readonly unknown[] | undefined {
  try {
    const value = readDocument(text);
    return Array.isArray(value) ? value : undefined;
  } catch (error) {
    if (error instanceof DocumentUnreadable) return undefined;
    throw error;
  }
}

/** An item as text. */
export const textOfItem = (item: unknown): string =>
  item instanceof WrittenFloat ? item.text : String(item);

const itemValue: Reader<string> = (value) => textOfItem(value);

const itemFields = {
  allowedValues: optional(list(itemValue, { empty: 'must not be empty.' })),
  minLength: optional(count),
  maxLength: optional(count),
  minValue: optional(decimalText),
  maxValue: optional(decimalText),
};

const innerItem: Reader<ItemConstraints> = object('ItemConstraints', itemFields);

const textItem = object('ItemConstraints', {
  allowedValues: itemFields.allowedValues,
  minLength: itemFields.minLength,
  maxLength: itemFields.maxLength,
});
const numberItem = object('ItemConstraints', {
  allowedValues: itemFields.allowedValues,
  minValue: itemFields.minValue,
  maxValue: itemFields.maxValue,
});

/** The constraints on items that such a list may have. */
export function itemConstraints(type: ListParameterType): Reader<ItemConstraints> {
  switch (itemTypeOf(type)) {
    case 'STRING':
    case 'PATH':
      return textItem;
    case 'LIST[INT]':
      return object('ItemConstraints', {
        minLength: itemFields.minLength,
        maxLength: itemFields.maxLength,
        item: optional(innerItem),
      });
    default:
      return numberItem;
  }
}

/** Where a list breaks the constraints on its items. `what` names the list: `default`. */
export function itemFaults(value: string, what: string, item: ItemConstraints | undefined): string[] {
  if (!item) return [];
  return (itemsOfText(value) ?? []).flatMap((one, index) => faultsOf(one, `${what}[${index}]`, item));
}

function faultsOf(one: unknown, what: string, item: ItemConstraints, name = 'item'): string[] {
  if (Array.isArray(one)) {
    const inner = item.item
      ? one.flatMap((each, index) => faultsOf(each, `${what}[${index}]`, item.item!, `${name}.item`))
      : [];
    return [...lengthFaults(one.length, `${what} inner list`, item, name), ...inner];
  }
  const text = textOfItem(one);
  const faults = typeof one === 'string' ? lengthFaults(codePoints(text), what, item, name) : [];
  const { minValue, maxValue, allowedValues } = item;
  if (minValue !== undefined && compareNumberTexts(text, minValue) < 0) {
    faults.push(`${what} ${text} < ${name} minValue ${minValue}.`);
  }
  if (maxValue !== undefined && compareNumberTexts(text, maxValue) > 0) {
    faults.push(`${what} ${text} > ${name} maxValue ${maxValue}.`);
  }
  if (allowedValues && !isListed(one, text, allowedValues)) {
    faults.push(`${what} ${typeof one === 'string' ? `'${text}'` : text} not in ${name} allowedValues.`);
  }
  return faults;
}

function isListed(one: unknown, text: string, allowed: readonly string[]): boolean {
  if (typeof one === 'string' || typeof one === 'boolean') return allowed.includes(text);
  return allowed.some((each) => compareNumberTexts(each, text) === 0);
}

function lengthFaults(length: number, what: string, item: ItemConstraints, name: string): string[] {
  const { minLength, maxLength } = item;
  const prefix = name === '' ? '' : `${name} `;
  if (minLength !== undefined && length < minLength)
    return [`${what} length ${length} < ${prefix}minLength ${minLength}.`];
  if (maxLength !== undefined && length > maxLength)
    return [`${what} length ${length} > ${prefix}maxLength ${maxLength}.`];
  return [];
}

/** Where the number of items is outside the limits of the parameter itself. */
export const listLengthFault = (value: string, what: string, limits: ItemConstraints): string | undefined =>
  lengthFaults(itemsOfText(value)?.length ?? 0, `${what} list`, limits, '')[0];
