/** Takes arguments apart. Signatures have settled their types, so another type here is a bug of ours. */
import type { IntRange } from '../int-range.ts';
import type { Value } from './values.ts';

const wrong = (wanted: string, value: Value | undefined): TypeError =>
  new TypeError(`expected ${wanted}, got ${value?.is ?? 'nothing'}`);

export function stringOf(value: Value | undefined): string {
  if (value?.is === 'string' || value?.is === 'path') return value.value;
  throw wrong('string', value);
}

export function intOf(value: Value | undefined): bigint {
  if (value?.is === 'int') return value.value;
  throw wrong('int', value);
}

export function numberOf(value: Value | undefined): number {
  if (value?.is === 'float') return value.value;
  if (value?.is === 'int') return Number(value.value);
  throw wrong('float', value);
}

export function boolOf(value: Value | undefined): boolean {
  if (value?.is === 'bool') return value.value;
  throw wrong('bool', value);
}

export function listItems(value: Value | undefined): readonly Value[] {
  if (value?.is === 'list') return value.items;
  throw wrong('list', value);
}

export function rangeOf(value: Value | undefined): IntRange | undefined {
  if (value?.is === 'range_expr') return value.value;
  throw wrong('range_expr', value);
}

/** A count for a loop or a width: numbers beyond what memory can hold are all alike. */
export function smallOf(value: Value | undefined): number {
  const exact = intOf(value);
  const most = BigInt(Number.MAX_SAFE_INTEGER);
  if (exact > most) return Number.MAX_SAFE_INTEGER;
  return exact < -most ? -Number.MAX_SAFE_INTEGER : Number(exact);
}
