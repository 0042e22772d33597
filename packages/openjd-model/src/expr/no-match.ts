/** Why no function of a name takes these arguments, in the words of who wrote the expression. */
import { ExpressionInvalid } from './expression-invalid.ts';
import type { Call, Overload } from './library.ts';
import { typeName } from './types.ts';
import { typeOf } from './values.ts';
import type { Value } from './values.ts';

export const operatorNames: Readonly<Record<string, string>> = {
  __add__: '+',
  __sub__: '-',
  __mul__: '*',
  __truediv__: '/',
  __floordiv__: '//',
  __mod__: '%',
  __pow__: '**',
  __neg__: '-',
  __pos__: '+',
  __lt__: '<',
  __le__: '<=',
  __gt__: '>',
  __ge__: '>=',
  __contains__: 'in',
  __not_contains__: 'not in',
};

const nameOf = (value: Value): string => typeName(value.is === 'unresolved' ? value.type : typeOf(value));

export function noMatch(
  { name, args, isMethod = false }: Call,
  overloads: readonly Overload[],
): ExpressionInvalid {
  const names = args.map(nameOf);
  const operator = operatorNames[name];
  if (operator !== undefined) {
    return new ExpressionInvalid(`Cannot use '${operator}' operator with ${names.join(' and ')}`);
  }
  const property = /^__property_(.*)__$/.exec(name)?.[1];
  const accepted = [...new Set(overloads.map(({ parameters }) => typeName(parameters[0]!)))].toSorted();
  if (property !== undefined) {
    return new ExpressionInvalid(
      `'${property}' property is not available for ${names[0]}. Available for: ${accepted.join(', ')}`,
    );
  }
  const counts = [...new Set(overloads.map(({ parameters }) => parameters.length))].toSorted((a, b) => a - b);
  if (!counts.includes(args.length)) {
    const takes = counts.length === 1 ? `${counts[0]} argument(s)` : `${counts.join(', ')} arguments`;
    return new ExpressionInvalid(`${name}() takes ${takes}, but ${args.length} were given`);
  }
  if (name === '__getitem__' && args.length === 4 && !/^(?:list|string|range_expr)/.test(names[0]!)) {
    return new ExpressionInvalid(`Cannot subscript type ${names[0]}`);
  }
  if (isMethod && name !== '__getitem__') {
    return new ExpressionInvalid(
      `${name}() is not available for ${names[0]}. Available for: ${accepted.join(', ')}`,
    );
  }
  return new ExpressionInvalid(`No matching signature for ${name}(${names.join(', ')})`);
}
