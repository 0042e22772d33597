/** What can be said of values of which only the type is known. */
import { membersOf, types } from './types.ts';
import type { Type } from './types.ts';
import { typeOf } from './values.ts';
import type { Value } from './values.ts';

/** The type that a value has, or will have. */
export const knownType = (value: Value): Type => (value.is === 'unresolved' ? value.type : typeOf(value));

export const mayBeBool = (value: Value): boolean =>
  membersOf(knownType(value)).some(({ is }) => is === 'bool' || is === 'any' || is === 'noreturn');

/** What a loop over such a thing may meet; empty if nothing of it can be looped over. */
export const elementTypes = (source: Type): Type[] =>
  membersOf(source).flatMap((type) => {
    if (type.is === 'list') return [type.of];
    if (type.is === 'range_expr') return [types.int];
    return type.is === 'any' ? [types.any] : [];
  });
