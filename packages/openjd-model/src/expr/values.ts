/** Values of EXPR, and what they cost in memory. A list has one element type; numbers are never rounded. */
import type { IntRange } from '../int-range.ts';
import { ExpressionInvalid, overflow } from './expression-invalid.ts';
import { listOf, scalar, types, unresolvedOf } from './types.ts';
import type { Type } from './types.ts';

export type PathFormat = 'POSIX' | 'WINDOWS';

export type Value =
  | { readonly is: 'nulltype' }
  | { readonly is: 'bool'; readonly value: boolean }
  | { readonly is: 'int'; readonly value: bigint }
  /** `text` is how it was written, when that is known: `1.50` stays `1.50`. */
  | { readonly is: 'float'; readonly value: number; readonly text?: string | undefined }
  | { readonly is: 'string'; readonly value: string }
  | { readonly is: 'path'; readonly value: string }
  | { readonly is: 'range_expr'; readonly value: IntRange | undefined }
  | { readonly is: 'list'; readonly items: readonly Value[]; readonly of: Type; readonly bytes: number }
  /** Only its type is known. */
  | { readonly is: 'unresolved'; readonly type: Type };

export const nothing: Value = { is: 'nulltype' };
export const boolean = (value: boolean): Value => ({ is: 'bool', value });
export const text = (value: string): Value => ({ is: 'string', value });
export const unresolved = (type: Type): Value => ({
  is: 'unresolved',
  type: type.is === 'unresolved' ? type.of : type,
});
export const range = (value: IntRange | undefined): Value => ({ is: 'range_expr', value });

const bound = 2n ** 63n;

/** @throws ExpressionInvalid outside 64 bits. */
export function integer(value: bigint | number): Value {
  const exact = BigInt(value);
  if (exact >= bound || exact < -bound) throw overflow();
  return { is: 'int', value: exact };
}

/** @throws ExpressionInvalid for what is no number; there is no negative zero. */
export function float(value: number, written?: string): Value {
  if (Number.isNaN(value)) throw new ExpressionInvalid('Float operation produced NaN');
  if (!Number.isFinite(value)) throw new ExpressionInvalid('Float operation produced infinity');
  return value === 0
    ? { is: 'float', value: 0, text: written?.replace(/^-/, '') }
    : { is: 'float', value, text: written };
}

export function typeOf(value: Value): Type {
  if (value.is === 'list') return listOf(value.of);
  if (value.is === 'unresolved') return unresolvedOf(value.type);
  return scalar(value.is);
}

const slot = 40;

/** Bytes that a value stands for; constant time. */
export function sizeOf(value: Value): number {
  switch (value.is) {
    case 'string':
    case 'path':
      return slot + value.value.length;
    case 'list':
      return slot + value.bytes;
    case 'float':
      return slot + (value.text?.length ?? 0);
    case 'range_expr':
      return slot + 24 * (value.value?.intervals.length ?? 0);
    default:
      return slot;
  }
}

/** A list whose items are known to have this type. */
export function listFrom(items: readonly Value[], of: Type): Value {
  let bytes = 0;
  for (const item of items) bytes += sizeOf(item);
  return { is: 'list', items, of, bytes };
}

export const texts = (items: readonly string[]): Value => listFrom(items.map(text), types.string);
export const integers = (items: readonly bigint[]): Value => listFrom(items.map(integer), types.int);
export const emptyList: Value = listFrom([], types.null);
