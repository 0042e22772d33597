/** Comparison, membership and `not`. */
import { boolOf, rangeOf, stringOf } from '../arguments.ts';
import { equal, itemsOf, order } from '../compare.ts';
import { ExpressionInvalid } from '../expression-invalid.ts';
import type { Definition, Run, Surroundings } from '../library.ts';
import { typeName } from '../types.ts';
import { boolean, typeOf } from '../values.ts';
import type { Value } from '../values.ts';

const ordered =
  (operator: string, holds: (difference: number) => boolean): Run =>
  ([left, right], { budget }) => {
    const difference = order(left!, right!, budget);
    if (difference !== undefined) return boolean(holds(difference));
    const [one, other] = [left!, right!].map((value) => typeName(typeOf(value)));
    throw new ExpressionInvalid(`Cannot use '${operator}' operator with ${one} and ${other}`);
  };

const kindOf = ({ is }: Value): string => {
  if (is === 'int' || is === 'float') return 'number';
  if (is === 'string' || is === 'path') return 'text';
  return is === 'range_expr' ? 'list' : is;
};

function listHas([list, item]: readonly Value[], { budget }: Surroundings, operator: string): boolean {
  if (list?.is !== 'list' || !item) throw new TypeError('expected a list');
  const [first] = list.items;
  if (first && kindOf(first) !== kindOf(item)) {
    throw new ExpressionInvalid(
      `Cannot use '${operator}' operator: item of type ${typeName(typeOf(item))} is not compatible with the element type ` +
        `${typeName(list.of)} of ${typeName(typeOf(list))}`,
    );
  }
  for (const one of itemsOf(list)) {
    budget.spend(1);
    if (equal(one, item, budget)) return true;
  }
  return false;
}

function rangeHas([container, item]: readonly Value[]): boolean {
  const range = rangeOf(container);
  if (!range || (item?.is !== 'int' && item?.is !== 'float')) return false;
  if (item.is === 'float' && !Number.isInteger(item.value)) return false;
  return range.contains(BigInt(item.value));
}

function stringHas([text, part]: readonly Value[], { budget }: Surroundings): boolean {
  budget.spendText(stringOf(text).length);
  return stringOf(text).includes(stringOf(part));
}

type Has = (args: readonly Value[], surroundings: Surroundings, operator: string) => boolean;
const containers: readonly (readonly [string, Has])[] = [
  ['(list[T1], T2) -> bool', listHas],
  ['(range_expr, T1) -> bool', rangeHas],
  ['(string, string) -> bool', stringHas],
];

export const comparison: readonly Definition[] = [
  ['__eq__', '(T1, T2) -> bool', ([left, right], { budget }) => boolean(equal(left!, right!, budget))],
  ['__ne__', '(T1, T2) -> bool', ([left, right], { budget }) => boolean(!equal(left!, right!, budget))],
  ['__lt__', '(T1, T2) -> bool', ordered('<', (difference) => difference < 0)],
  ['__le__', '(T1, T2) -> bool', ordered('<=', (difference) => difference <= 0)],
  ['__gt__', '(T1, T2) -> bool', ordered('>', (difference) => difference > 0)],
  ['__ge__', '(T1, T2) -> bool', ordered('>=', (difference) => difference >= 0)],
  ['__not__', '(bool) -> bool', ([value]) => boolean(!boolOf(value))],
  ...containers.flatMap(([signature, has]): Definition[] => [
    ['__contains__', signature, (args, surroundings) => boolean(has(args, surroundings, 'in'))],
    ['__not_contains__', signature, (args, surroundings) => boolean(!has(args, surroundings, 'not in'))],
  ]),
];
