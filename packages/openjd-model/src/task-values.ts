/**
 * The values of one task parameter, by position. Ranges are never expanded; values that come again and again
 * are made once.
 */
import { chunksOf } from './chunk-ranges.ts';
import { IntRange } from './int-range.ts';
import type { TaskParameter, TaskParameterValue } from './types.ts';

export interface TaskValues {
  readonly length: number;
  /** For positions from 0 that are smaller than `length`. */
  at(index: number): TaskParameterValue;
  /** The positions at which a text stands. */
  indicesOf(text: string): Iterable<number>;
}

/** The same as text. */
interface Texts {
  readonly length: number;
  at(index: number): string;
  indicesOf(text: string): Iterable<number>;
}

/** More values than this are made anew each time: what is kept must not grow with the range. */
const mostKept = 65_536;

export function taskValues(parameter: TaskParameter): TaskValues {
  const { type } = parameter;
  const { length, at, indicesOf } = textsOf(parameter);
  if (length > mostKept) return { length, at: (index) => ({ type, value: at(index) }), indicesOf };
  const kept: (TaskParameterValue | undefined)[] = [];
  return {
    length,
    at: (index) => (kept[index] ??= Object.freeze({ type, value: at(index) })),
    indicesOf,
  };
}

function textsOf(parameter: TaskParameter): Texts {
  const { range } = parameter;
  if (parameter.type === 'CHUNK[INT]') {
    const { defaultTaskCount, rangeConstraint } = parameter.chunks;
    const chunks = chunksOf(rangeOf(parameter.range), defaultTaskCount, rangeConstraint);
    return { ...chunks, indicesOf: (chunk) => found(chunks.indexOf(chunk)) };
  }
  if (typeof range !== 'string') return listed(range);
  const integers = IntRange.parse(range);
  return {
    length: integers.length,
    at: integerTexts(integers),
    indicesOf: (text) => (/^-?\d{1,20}$/.test(text) ? found(integers.indexOf(BigInt(text))) : []),
  };
}

export const rangeOf = (range: string | readonly string[]): IntRange =>
  typeof range === 'string' ? IntRange.parse(range) : IntRange.fromValues(range.map(BigInt));

function listed(range: readonly string[]): Texts {
  let positions: Map<string, number[]> | undefined;
  return {
    length: range.length,
    at: (index) => range[index]!,
    indicesOf: (text) => {
      positions ??= Map.groupBy(range.keys(), (index) => range[index]!);
      return positions.get(text) ?? [];
    },
  };
}

const found = (index: number): number[] => (index < 0 ? [] : [index]);

/** A range in one piece is counted in doubles, which are exact here and ten times as fast. */
function integerTexts(range: IntRange): (index: number) => string {
  const [only, second] = range.intervals;
  const isExact =
    only && [only.first, only.last, only.step].every((one) => Number.isSafeInteger(Number(one)));
  if (!isExact || second) return (index) => String(range.at(index));
  const [first, step] = [Number(only.first), Number(only.step)];
  return (index) => String(first + step * index);
}
