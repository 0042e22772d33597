/** From one type to another, and `fail`. */
import { intOf, listItems, numberOf, rangeOf, stringOf } from '../arguments.ts';
import { display } from '../display.ts';
import { IntRangeInvalid } from '../../errors.ts';
import { ExpressionInvalid, overflow } from '../expression-invalid.ts';
import type { Definition, Run } from '../library.ts';
import { IntRange } from '../../int-range.ts';
import { pythonFloat } from '../python-float.ts';
import { boolean, float, integer, integers, range, text } from '../values.ts';
import type { Value } from '../values.ts';

const bound = 2n ** 63n;

function intOfText(value: string): Value {
  const digits = value.trim();
  const exact = /^[+-]?[0-9]{1,40}$/.test(digits) ? BigInt(digits.replace(/^\+/, '')) : undefined;
  if (exact !== undefined && exact < bound && exact >= -bound) return integer(exact);
  throw new ExpressionInvalid(`Cannot convert '${value}' to int`);
}

function intOfFloat(value: number): Value {
  if (!Number.isInteger(value)) {
    throw new ExpressionInvalid(`Cannot convert ${pythonFloat(value)} to int: not a whole number`);
  }
  return integer(value);
}

function floatOfText(value: string): Value {
  const trimmed = value.trim().toLowerCase();
  if (/^[+-]?inf(?:inity)?$/.test(trimmed)) throw new ExpressionInvalid('Cannot convert to float: infinity');
  if (/^[+-]?nan$/.test(trimmed)) throw new ExpressionInvalid('Cannot convert to float: NaN');
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/.test(trimmed)) {
    throw new ExpressionInvalid(`Cannot convert '${value}' to float`);
  }
  return float(Number(trimmed));
}

const words: Readonly<Record<string, boolean>> = {
  '1': true,
  true: true,
  on: true,
  yes: true,
  '0': false,
  false: false,
  off: false,
  no: false,
};

/** The words for true and false that templates may use, in any case; undefined for others. */
export const boolOfWord = (value: string): boolean | undefined => words[value.toLowerCase()];

function boolOfText(value: string): Value {
  const found = boolOfWord(value);
  if (found !== undefined) return boolean(found);
  throw new ExpressionInvalid(
    `Cannot convert '${value}' to bool. Expected one of: ${['1', 'true', 'on', 'yes', '0', 'false', 'off', 'no'].join(', ')}`,
  );
}

function ranged(make: () => IntRange): Value {
  try {
    return range(make());
  } catch (error) {
    if (error instanceof IntRangeInvalid) throw new ExpressionInvalid(error.message);
    throw error;
  }
}

const rangeBound = 2n ** 62n;

const rangeOfList: Run = ([list], { budget }) => {
  const items = listItems(list).map(intOf);
  budget.spend(items.length);
  if (items.length === 0) throw new ExpressionInvalid('range_expr() requires at least one value');
  if (items.some((one) => one >= rangeBound || one <= -rangeBound)) throw overflow();
  return ranged(() => IntRange.fromValues(items));
};

const listOfRange: Run = ([value], { budget }) => {
  const values = rangeOf(value)?.ascending();
  const length = values?.length ?? 0;
  budget.spend(length);
  budget.foresee(length * 48);
  return integers([...(values ?? [])]);
};

const toText: Run = ([value], { budget }) => {
  const result = display(value!);
  budget.write(result.length);
  return text(result);
};

const refuseBool =
  (type: string): Run =>
  () => {
    throw new ExpressionInvalid(`Cannot convert ${type} to bool`);
  };

const toTextOf = ['int', 'float', 'bool', 'string', 'path', 'nulltype', 'list[T1]', 'range_expr'];

export const conversion: readonly Definition[] = [
  ['int', '(int) -> int', ([value]) => value!],
  ['int', '(float) -> int', ([value]) => intOfFloat(numberOf(value))],
  ['int', '(string) -> int', ([value]) => intOfText(stringOf(value))],
  ['float', '(float) -> float', ([value]) => value!],
  ['float', '(int) -> float', ([value]) => float(numberOf(value))],
  ['float', '(string) -> float', ([value]) => floatOfText(stringOf(value))],
  ...toTextOf.map((type): Definition => ['string', `(${type}) -> string`, toText]),
  ['bool', '(bool) -> bool', ([value]) => value!],
  ['bool', '(int) -> bool', ([value]) => boolean(intOf(value) !== 0n)],
  ['bool', '(float) -> bool', ([value]) => boolean(numberOf(value) !== 0)],
  ['bool', '(path) -> noreturn', refuseBool('path')],
  ['bool', '(string) -> bool', ([value]) => boolOfText(stringOf(value))],
  ['bool', '(nulltype) -> bool', () => boolean(false)],
  ['bool', '(list[T]) -> noreturn', refuseBool('list')],
  ['list', '(range_expr) -> list[int]', listOfRange],
  ['range_expr', '(string) -> range_expr', ([value]) => ranged(() => IntRange.parse(stringOf(value)))],
  ['range_expr', '(list[int]) -> range_expr', rangeOfList],
  ['range_expr', '(list[nulltype]) -> noreturn', rangeOfList],
  [
    'fail',
    '(string) -> noreturn',
    ([value]) => {
      throw new ExpressionInvalid(stringOf(value));
    },
  ],
];
