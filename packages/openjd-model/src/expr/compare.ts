/** Equality and order of values: numbers exactly, text and paths alike, lists and ranges element by element. */
import type { Budget } from './budget.ts';
import type { Value } from './values.ts';

const isNumber = (value: Value): value is Extract<Value, { is: 'int' | 'float' }> =>
  value.is === 'int' || value.is === 'float';
const isText = (value: Value): value is Extract<Value, { is: 'string' | 'path' }> =>
  value.is === 'string' || value.is === 'path';

type Sequence = Extract<Value, { is: 'list' | 'range_expr' }>;
const isSequence = (value: Value): value is Sequence => value.is === 'list' || value.is === 'range_expr';

const lengthOf = (value: Sequence): number =>
  value.is === 'list' ? value.items.length : (value.value?.length ?? 0);

export function* itemsOf(value: Sequence): Generator<Value, undefined> {
  if (value.is === 'list') yield* value.items;
  else for (const item of value.value ?? []) yield { is: 'int', value: item };
  return undefined;
}

export function equal(left: Value, right: Value, budget: Budget): boolean {
  // A bigint and a number compare by their exact values.
  // oxlint-disable-next-line eqeqeq -- strict equality would tell 5n from 5
  if (isNumber(left) && isNumber(right)) return left.value == right.value;
  if (isText(left) && isText(right)) return left.value === right.value;
  if (isSequence(left) && isSequence(right)) return equalSequences(left, right, budget);
  if (left.is === 'bool' && right.is === 'bool') return left.value === right.value;
  return left.is === 'nulltype' && right.is === 'nulltype';
}

function equalSequences(left: Sequence, right: Sequence, budget: Budget): boolean {
  if (lengthOf(left) !== lengthOf(right)) return false;
  const others = itemsOf(right);
  for (const item of itemsOf(left)) {
    budget.spend(1);
    const other = others.next().value;
    if (!other || !equal(item, other, budget)) return false;
  }
  return true;
}

/** Less than, equal to or more than 0; undefined if the values have no order. */
export function order(left: Value, right: Value, budget: Budget): number | undefined {
  if (isNumber(left) && isNumber(right))
    return left.value < right.value ? -1 : Number(left.value > right.value);
  if (isText(left) && isText(right)) return compareTexts(left.value, right.value);
  if (left.is === 'bool' && right.is === 'bool') return Number(left.value) - Number(right.value);
  if (left.is !== 'list' || right.is !== 'list') return undefined;
  for (const [index, item] of left.items.entries()) {
    const other = right.items[index];
    if (!other) return 1;
    budget.spend(1);
    const difference = order(item, other, budget);
    if (difference !== 0) return difference;
  }
  return left.items.length - right.items.length;
}

/** By code points; UTF-16 units order differently past the first plane. */
export function compareTexts(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at += 1) {
    if (left[at] === right[at]) continue;
    const isPair = at > 0 && left.codePointAt(at - 1)! > 0xffff;
    const from = isPair ? at - 1 : at;
    return left.codePointAt(from)! - right.codePointAt(from)!;
  }
  return left.length - right.length;
}

/** Equal values of any type have equal keys, so a set finds repeats. */
export function keyOf(value: Value): string {
  if (isNumber(value))
    return Number.isInteger(Number(value.value)) ? `n${BigInt(value.value)}` : `n${value.value}`;
  if (isText(value)) return `s${JSON.stringify(value.value)}`;
  if (value.is === 'list') return `[${value.items.map(keyOf).join()}]`;
  if (value.is === 'range_expr') return `r${value.value?.toString() ?? ''}`;
  return value.is === 'bool' ? `b${value.value}` : value.is;
}
