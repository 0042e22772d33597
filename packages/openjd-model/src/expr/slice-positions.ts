/** The positions that `[start:stop:step]` means, as Python clamps them. */
import { intOf } from './arguments.ts';
import { ExpressionInvalid } from './expression-invalid.ts';
import type { Value } from './values.ts';

export interface Positions extends Iterable<number> {
  readonly count: number;
  readonly step: number;
}

const given = (value: Value | undefined): bigint | undefined =>
  value && value.is !== 'nulltype' ? intOf(value) : undefined;

/** @throws ExpressionInvalid for a step of zero. */
export function slicePositions(length: number, [start, stop, step]: readonly Value[]): Positions {
  const size = BigInt(length);
  const stride = given(step) ?? 1n;
  if (stride === 0n) throw new ExpressionInvalid('Slice step cannot be zero');
  const [low, high] = stride > 0n ? [0n, size] : [-1n, size - 1n];
  const clamp = (value: bigint): bigint => {
    const from = value < 0n ? value + size : value;
    return from < low ? low : from > high ? high : from;
  };
  const first = given(start) === undefined ? (stride > 0n ? low : high) : clamp(given(start)!);
  const end = given(stop) === undefined ? (stride > 0n ? high : low) : clamp(given(stop)!);
  const span = stride > 0n ? end - first : first - end;
  const width = stride > 0n ? stride : -stride;
  const count = span <= 0n ? 0 : Number((span + width - 1n) / width);
  return {
    count,
    step: stride > 0n ? 1 : -1,
    *[Symbol.iterator]() {
      for (let index = 0; index < count; index += 1) yield Number(first + stride * BigInt(index));
    },
  };
}
