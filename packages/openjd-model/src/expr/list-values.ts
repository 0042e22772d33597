/** Lists of one element type from values of several: int widens to float, path to string, in nested lists too. */
import { ExpressionInvalid } from './expression-invalid.ts';
import { floatOfInt, pathText } from './widen.ts';
import { listOf, sameType, typeName, types, unionOf } from './types.ts';
import type { Type } from './types.ts';
import { listFrom, typeOf } from './values.ts';
import type { Value } from './values.ts';

/** The type that both can become without loss, if there is one. */
export function joinTypes(a: Type, b: Type): Type | undefined {
  if (sameType(a, b) || b.is === 'noreturn' || a.is === 'any') return a;
  if (a.is === 'noreturn' || b.is === 'any') return b;
  const names = [a.is, b.is].toSorted().join();
  if (names === 'float,int') return types.float;
  if (names === 'path,string') return types.string;
  if (a.is !== 'list' || b.is !== 'list') return undefined;
  if (a.of.is === 'nulltype') return b;
  if (b.of.is === 'nulltype') return a;
  const inner = joinTypes(a.of, b.of);
  return inner && listOf(inner);
}

/** A value as the type that `joinTypes` gave. */
export function widen(value: Value, to: Type): Value {
  if (to.is === 'float' && value.is === 'int') return floatOfInt(value);
  if (to.is === 'string' && value.is === 'path') return pathText(value);
  if (to.is === 'list' && value.is === 'list' && !sameType(value.of, to.of)) {
    return listFrom(
      value.items.map((item) => widen(item, to.of)),
      to.of,
    );
  }
  return value;
}

/** How deep lists may nest. */
const deepest = 2;
const depthOf = (type: Type): number => (type.is === 'list' ? 1 + depthOf(type.of) : 0);

/** @throws ExpressionInvalid for null, for types that do not go together, and for lists in lists in lists. */
export function makeList(items: readonly Value[]): Value {
  const seen: Type[] = [];
  let of: Type | undefined;
  let isMixed = false;
  let isUnknown = false;
  for (const item of items) {
    const type = item.is === 'unresolved' ? item.type : typeOf(item);
    isUnknown ||= item.is === 'unresolved';
    if (type.is === 'nulltype') throw new ExpressionInvalid('null is not allowed in list literals');
    if (!seen.some((one) => sameType(one, type))) seen.push(type);
    if (seen.length === 1) of = type;
  }
  for (const type of seen.slice(1)) {
    const joined: Type | undefined = of && (joinTypes(of, type) ?? joinAnyMember(of, type));
    isMixed ||= joined === undefined;
    of = joined ?? of;
  }
  if (isMixed) throw new ExpressionInvalid(`List literal contains incompatible types: ${listed(seen)}`);
  const element = of ?? types.null;
  if (depthOf(element) >= deepest) throw new ExpressionInvalid('Lists may be nested at most 2 levels deep');
  if (isUnknown) return { is: 'unresolved', type: listOf(element) };
  return listFrom(
    items.map((item) => widen(item, element)),
    element,
  );
}

/** Of what is not known yet, one possibility that fits is enough. */
function joinAnyMember(a: Type, b: Type): Type | undefined {
  if (a.is !== 'union' && b.is !== 'union') return undefined;
  const [left, right] = [a, b].map((type) => (type.is === 'union' ? type.members : [type]));
  const joined = left!.flatMap((one) => right!.flatMap((other) => joinTypes(one, other) ?? []));
  return joined.length > 0 ? unionOf(joined) : undefined;
}

function listed(seen: readonly Type[]): string {
  const names = seen.map(typeName);
  if (names.length === 2) return names.join(' and ');
  return `${names.slice(0, -1).join(', ')}, and ${names.at(-1)}`;
}
