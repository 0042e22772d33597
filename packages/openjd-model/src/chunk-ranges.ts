/**
 * Splits a range into chunks without expanding it: the chunk at a position is computed, not looked up.
 *
 * A range of `n` values becomes `n / size` chunks, rounded up, as even as they can be, longer ones first.
 * Contiguous chunks never cross a gap, so every run of consecutive values is split by itself.
 */
import { IntRange } from './int-range.ts';
import type { Interval } from './int-range.ts';
import type { RangeConstraint } from './types.ts';

export interface ChunkList {
  readonly length: number;
  /** The chunk at a position, as a range expression. */
  at(index: number): string;
  indexOf(chunk: string): number;
}

export function chunksOf(range: IntRange, size: number, constraint: RangeConstraint): ChunkList {
  const list = constraint === 'CONTIGUOUS' ? contiguous(range, size) : noncontiguous(range, size);
  return { ...list, indexOf: (chunk) => positionOf(chunk, list) };
}

type Positions = Pick<ChunkList, 'length' | 'at'> & {
  /** The position of the chunk that holds the value, if one does. */
  readonly holding: (value: bigint) => number | undefined;
};

/** Whether a chunk is in the list: only the one that holds its first value can be equal to it. */
function positionOf(chunk: string, { at, holding }: Positions): number {
  const first = /^-?\d{1,20}/.exec(chunk)?.[0];
  const index = first === undefined ? undefined : holding(BigInt(first));
  return index !== undefined && at(index) === chunk ? index : -1;
}

/** How `total` values fall into even parts of at most `size`. */
function evenly(total: number, size: number) {
  const count = Math.ceil(total / size);
  const short = Math.floor(total / count);
  const long = total - short * count;
  return {
    count,
    /** Where a part begins; `count` is the end of all. */
    start: (part: number) => part * short + Math.min(part, long),
    partOf: (index: number) =>
      index < long * (short + 1)
        ? Math.floor(index / (short + 1))
        : long + Math.floor((index - long * (short + 1)) / short),
  };
}

/** Beyond this many values a chunk is written from the intervals it covers, not from its values. */
const mostExpanded = 4096;

function noncontiguous(range: IntRange, size: number): Positions {
  const { count, start, partOf } = evenly(range.length, size);
  return {
    length: count,
    at: (index) => textOf(range, start(index), start(index + 1)),
    holding: (value) => {
      const found = range.indexOf(value);
      return found < 0 ? undefined : partOf(found);
    },
  };
}

function textOf(range: IntRange, from: number, to: number): string {
  if (to - from > mostExpanded) return String(range.slice(from, to));
  return String(
    IntRange.fromValues(Array.from({ length: to - from }, (_, index) => range.at(from + index)!)),
  );
}

/** Values next to each other (`step` 1), or all apart from each other (`step` more than 1). */
interface Run extends Interval {
  readonly chunksBefore: number;
  readonly parts: ReturnType<typeof evenly>;
}

function contiguous(range: IntRange, size: number): Positions {
  const runs: Run[] = [];
  let total = 0;
  for (const interval of joined(range.intervals)) {
    const values = Number((interval.last - interval.first) / interval.step) + 1;
    const parts = evenly(values, interval.step === 1n ? size : 1);
    runs.push({ ...interval, chunksBefore: total, parts });
    total += parts.count;
  }
  return {
    length: total,
    at: (index) => {
      const { first, step, chunksBefore, parts } = runs[lastWhere(runs, (run) => run.chunksBefore <= index)]!;
      const part = index - chunksBefore;
      const [from, to] = [parts.start(part), parts.start(part + 1) - 1];
      return `${first + BigInt(from) * step}-${first + BigInt(to) * step}`;
    },
    holding: (value) => {
      const run = runs[lastWhere(runs, ({ first }) => first <= value)];
      if (!run || value < run.first || value > run.last || (value - run.first) % run.step !== 0n)
        return undefined;
      return run.chunksBefore + run.parts.partOf(Number((value - run.first) / run.step));
    },
  };
}

/** The last position for which the condition, true up to some position, still holds; 0 if for none. */
function lastWhere<T>(items: readonly T[], condition: (item: T) => boolean): number {
  let [low, high] = [0, items.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (condition(items[middle]!)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Intervals with neighbours joined: `1-3,4-6` is one run. The ends of a stepped interval may join as well. */
function joined(intervals: readonly Interval[]): Interval[] {
  const result: Interval[] = [];
  for (const piece of intervals.flatMap(withLooseEnds)) {
    const previous = result.at(-1);
    if (previous?.step === 1n && piece.step === 1n && previous.last + 1n === piece.first) {
      result[result.length - 1] = { ...previous, last: piece.last };
    } else result.push(piece);
  }
  return result;
}

function withLooseEnds({ first, last, step }: Interval): Interval[] {
  if (step === 1n || first === last) return [{ first, last, step: 1n }];
  const single = (value: bigint): Interval => ({ first: value, last: value, step: 1n });
  const middle = { first: first + step, last: last - step, step };
  return [single(first), ...(middle.first <= middle.last ? [middle] : []), single(last)];
}
