/** Lists and ranges: joining, repeating, slicing, sorting. What comes from a typed list stays of its type. */
import { intOf, listItems, rangeOf, smallOf, stringOf } from '../arguments.ts';
import { compareTexts, itemsOf, keyOf, order } from '../compare.ts';
import { ExpressionInvalid, overflow } from '../expression-invalid.ts';
import type { Definition, Run, Surroundings } from '../library.ts';
import { joinTypes, widen } from '../list-values.ts';
import { slicePositions } from '../slice-positions.ts';
import { IntRange } from '../../int-range.ts';
import { listOf, typeName, types } from '../types.ts';
import type { Type } from '../types.ts';
import { boolean, emptyList, integer, integers, listFrom, range, text, typeOf } from '../values.ts';
import type { Value } from '../values.ts';

const slot = 48;

const elementOf = (value: Value): Type => (value.is === 'list' ? value.of : types.int);

const concatenate: Run = ([left, right], { budget }) => {
  if (!left || !right || (left.is !== 'list' && left.is !== 'range_expr'))
    throw new TypeError('expected lists');
  if (right.is !== 'list' && right.is !== 'range_expr') throw new TypeError('expected lists');
  const [one, other] = [left, right].map((value) => listOf(elementOf(value)));
  const joined = joinTypes(one!, other!);
  if (joined?.is !== 'list') {
    throw new ExpressionInvalid(
      `Cannot concatenate ${typeName(typeOf(left))} and ${typeName(typeOf(right))}`,
    );
  }
  const count = [left, right].reduce((sum, value) => sum + lengthOf(value), 0);
  budget.spend(count);
  budget.foresee(count * slot);
  const items = [...itemsOf(left), ...itemsOf(right)].map((item) => widen(item, joined.of));
  return listFrom(items, joined.of);
};

function lengthOf(value: Value | undefined): number {
  return value?.is === 'list' ? value.items.length : (rangeOf(value)?.length ?? 0);
}

const repeat: Run = ([list, times], { budget }) => {
  const [items, count] = [listItems(list), intOf(times)];
  if (BigInt(items.length) * (count < 0n ? 0n : count) >= 2n ** 63n) throw overflow();
  const length = items.length * Math.max(smallOf(times), 0);
  budget.spend(length);
  budget.foresee(length * slot);
  const result = Array.from({ length }, (_, index) => items[index % items.length]!);
  return listFrom(result, elementOf(list!));
};

function positionIn(length: number, index: Value | undefined, what: string): number {
  const at = smallOf(index);
  const position = at < 0 ? at + length : at;
  if (position >= 0 && position < length) return position;
  throw new ExpressionInvalid(`Index ${intOf(index)} out of bounds for ${what} of length ${length}`);
}

const sliceList: Run = ([list, ...bounds], { budget }) => {
  const items = listItems(list);
  const positions = slicePositions(items.length, bounds);
  budget.spend(positions.count);
  return listFrom(
    [...positions].map((at) => items[at]!),
    elementOf(list!),
  );
};

/** Up a range stays a range; down it is a list, for ranges only go up. */
const sliceRange: Run = ([value, ...bounds], { budget }) => {
  const values = rangeOf(value)?.ascending();
  const positions = slicePositions(values?.length ?? 0, bounds);
  budget.spend(positions.count);
  budget.foresee(positions.count * slot);
  const found = [...positions].map((at) => values!.at(at)!);
  if (positions.step < 0) return integers(found);
  return range(found.length > 0 ? IntRange.fromValues(found) : undefined);
};

const sorted: Run = ([list], surroundings) => {
  const items = listItems(list);
  surroundings.budget.spend(items.length);
  const { budget } = surroundings;
  const compare = (left: Value, right: Value): number =>
    left.is === 'string' && right.is === 'string'
      ? compareTexts(left.value, right.value)
      : (order(left, right, budget) ?? refuse(left, right));
  return listFrom(items.toSorted(compare), elementOf(list!));
};

function refuse(left: Value, right: Value): never {
  const [one, other] = [left, right].map((value) => typeName(typeOf(value)));
  throw new ExpressionInvalid(`Cannot use '<' operator with ${one} and ${other}`);
}

const unique: Run = ([list], { budget }) => {
  budget.spend(listItems(list).length);
  const seen = new Map<string, Value>();
  for (const item of listItems(list)) {
    const key = keyOf(item);
    if (!seen.has(key)) seen.set(key, item);
  }
  return listFrom([...seen.values()], elementOf(list!));
};

const flatten: Run = ([list], { budget }) => {
  const items = listItems(list).flatMap(listItems);
  budget.spend(items.length);
  const element = elementOf(list!);
  return listFrom(items, element.is === 'list' ? element.of : types.null);
};

/** Whole numbers from `start` up or down to `stop`, which is not one of them. */
function rangeList([first, second, third]: readonly Value[], { budget }: Surroundings): Value {
  const [start, stop] = second ? [intOf(first), intOf(second)] : [0n, intOf(first)];
  const step = third ? intOf(third) : 1n;
  if (step === 0n) throw new ExpressionInvalid('range() step cannot be zero');
  const span = step > 0n ? stop - start : start - stop;
  const width = step > 0n ? step : -step;
  const count = span <= 0n ? 0n : (span + width - 1n) / width;
  budget.spend(Number(count));
  budget.foresee(Number(count) * slot);
  return integers(Array.from({ length: Number(count) }, (_, index) => start + BigInt(index) * step));
}

const join: Run = ([list, separator], { budget }) => {
  const items = listItems(list).map(stringOf);
  const between = stringOf(separator).length * Math.max(items.length - 1, 0);
  budget.spend(items.length);
  budget.write(items.reduce((sum, item) => sum + item.length, between));
  return text(items.join(stringOf(separator)));
};

const anyOrAll = (name: 'any' | 'all'): Definition[] => {
  const run: Run = ([list], { budget }) => {
    budget.spend(listItems(list).length);
    const isTrue = (item: Value): boolean => item.is === 'bool' && item.value;
    return boolean(name === 'any' ? listItems(list).some(isTrue) : listItems(list).every(isTrue));
  };
  return [
    [name, '(list[bool]) -> bool', run],
    [name, '(list[nulltype]) -> bool', run],
  ];
};

const bounds = 'int | nulltype, int | nulltype, int | nulltype';

export const lists: readonly Definition[] = [
  ['__add__', '(list[T1], list[T2]) -> list[T3]', concatenate],
  ['__add__', '(range_expr, list[T1]) -> list[T2]', concatenate],
  ['__add__', '(list[T1], range_expr) -> list[T2]', concatenate],
  ['__add__', '(range_expr, range_expr) -> list[int]', concatenate],
  ['__mul__', '(list[T1], int) -> list[T1]', repeat],
  [
    '__getitem__',
    '(list[T1], int) -> T1',
    ([list, at]) => listItems(list)[positionIn(listItems(list).length, at, 'list')]!,
  ],
  [
    '__getitem__',
    '(range_expr, int) -> int',
    ([value, at]) =>
      integer(
        rangeOf(value)!
          .ascending()
          .at(positionIn(lengthOf(value), at, 'range_expr'))!,
      ),
  ],
  ['__getitem__', `(list[T1], ${bounds}) -> list[T1]`, sliceList],
  ['__getitem__', `(range_expr, ${bounds}) -> range_expr | list[int]`, sliceRange],
  ['len', '(list[T1]) -> int', ([list]) => integer(lengthOf(list))],
  ['len', '(range_expr) -> int', ([value]) => integer(lengthOf(value))],
  ['sorted', '(list[T1]) -> list[T1]', sorted],
  [
    'reversed',
    '(list[T1]) -> list[T1]',
    ([list], { budget }) => {
      budget.spend(lengthOf(list));
      return listFrom(listItems(list).toReversed(), elementOf(list!));
    },
  ],
  ['unique', '(list[T1]) -> list[T1]', unique],
  ['flatten', '(list[nulltype]) -> list[nulltype]', () => emptyList],
  ['flatten', '(list[list[T1]]) -> list[T1]', flatten],
  ['flatten', '(list[T1]) -> list[T1]', ([list]) => list!],
  ['join', '(list[string], string) -> string', join],
  ['join', '(list[path], string) -> string', join],
  ['join', '(list[nulltype], string) -> string', join],
  ['range', '(int) -> list[int]', rangeList],
  ['range', '(int, int) -> list[int]', rangeList],
  ['range', '(int, int, int) -> list[int]', rangeList],
  ...anyOrAll('any'),
  ...anyOrAll('all'),
];
