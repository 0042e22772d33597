/** Functions of numbers: least and greatest, rounding, sums. */
import { intOf, listItems, numberOf, rangeOf, smallOf } from '../arguments.ts';
import { order } from '../compare.ts';
import { ExpressionInvalid, overflow } from '../expression-invalid.ts';
import type { Definition, Run } from '../library.ts';
import { divideHalfEven, roundFloat, roundToTens, roundedText } from '../python-float.ts';
import { float, integer } from '../values.ts';
import type { Value } from '../values.ts';

/** `sign` is 1 for the least and -1 for the greatest. */
const extreme =
  (sign: number): Run =>
  (args, { budget }) =>
    args.reduce((best, one) => (sign * (order(one, best, budget) ?? 0) < 0 ? one : best));

const extremes = (name: 'min' | 'max', sign: number): Definition[] => {
  const most = extreme(sign);
  const ofList: Run = ([list], surroundings) => {
    surroundings.budget.spend(listItems(list).length);
    if (listItems(list).length === 0) throw new ExpressionInvalid(`${name}() requires a non-empty list`);
    return most(listItems(list), surroundings);
  };
  const ofRange: Run = ([value]) => {
    const range = rangeOf(value)?.ascending();
    const found = range?.at(sign > 0 ? 0 : -1);
    if (found === undefined) throw new ExpressionInvalid(`${name}() requires a non-empty range`);
    return integer(found);
  };
  return [
    [name, '(int, int) -> int', most],
    [name, '(float, float) -> float', most],
    [name, '(int, int, int) -> int', most],
    [name, '(float, float, float) -> float', most],
    [name, '(list[int]) -> int', ofList],
    [name, '(list[float]) -> float', ofList],
    [name, '(range_expr) -> int', ofRange],
    [name, '(list[nulltype]) -> noreturn', ofList],
  ];
};

function wholeOf(value: number): Value {
  if (!Number.isFinite(value)) throw overflow();
  return integer(BigInt(value));
}

const roundInteger: Run = ([value, places]) => {
  const [number, digits] = [intOf(value), smallOf(places)];
  if (digits >= 0) return integer(number);
  if (digits < -20) return integer(0n);
  const unit = 10n ** BigInt(-digits);
  return integer(divideHalfEven(number, unit) * unit);
};

const roundPlaces: Run = ([value, places], { budget }) => {
  const [number, digits] = [numberOf(value), smallOf(places)];
  if (digits < 0) return float(roundToTens(number, -digits));
  if (digits === 0) return float(Number(roundFloat(number)));
  budget.spendText(Number(intOf(places)));
  budget.foresee(digits + 400);
  const text = roundedText(number, digits);
  return float(Number(text), text);
};

function sumOfRange(value: Value | undefined): Value {
  let total = 0n;
  for (const { first, last, step } of rangeOf(value)?.intervals ?? []) {
    total += ((first + last) * ((last - first) / step + 1n)) / 2n;
  }
  return integer(total);
}

const sumOfInts: Run = ([list], { budget }) => {
  budget.spend(listItems(list).length);
  return integer(listItems(list).reduce((total, item) => total + intOf(item), 0n));
};

const sumOfFloats: Run = ([list], { budget }) => {
  budget.spend(listItems(list).length);
  return float(listItems(list).reduce((total, item) => total + numberOf(item), 0));
};

export const math: readonly Definition[] = [
  ...extremes('min', 1),
  ...extremes('max', -1),
  ['abs', '(int) -> int', ([value]) => integer(intOf(value) < 0n ? -intOf(value) : intOf(value))],
  ['abs', '(float) -> float', ([value]) => float(Math.abs(numberOf(value)))],
  ['floor', '(int) -> int', ([value]) => integer(intOf(value))],
  ['floor', '(float) -> int', ([value]) => wholeOf(Math.floor(numberOf(value)))],
  ['ceil', '(int) -> int', ([value]) => integer(intOf(value))],
  ['ceil', '(float) -> int', ([value]) => wholeOf(Math.ceil(numberOf(value)))],
  ['round', '(int) -> int', ([value]) => integer(intOf(value))],
  ['round', '(float) -> int', ([value]) => integer(roundFloat(numberOf(value)))],
  ['round', '(float, int) -> float', roundPlaces],
  ['round', '(int, int) -> int', roundInteger],
  ['sum', '(list[int]) -> int', sumOfInts],
  ['sum', '(list[float]) -> float', sumOfFloats],
  ['sum', '(list[nulltype]) -> int', () => integer(0n)],
  ['sum', '(range_expr) -> int', ([value]) => sumOfRange(value)],
];
