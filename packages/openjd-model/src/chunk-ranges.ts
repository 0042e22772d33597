/**
 * Splits a range into chunks without expanding it: the chunk at a position is computed, not looked up.
 *
 * A range of `n` values becomes `n / size` chunks, rounded up, as even as they can be.
 * Contiguous chunks never cross a gap, so every run of consecutive values is split by itself.
 */
import type { IntRange } from './int-range.ts';
import { lastWhere } from './intervals.ts';
import type { Interval } from './intervals.ts';
import type { RangeConstraint } from './types.ts';

export interface ChunkList {
  readonly length: number;
  /** The chunk at a position, as a range expression. */
  at(index: number): string;
  indexOf(chunk: string): number;
}

export function chunksOf(range: IntRange, size: number, constraint: RangeConstraint): ChunkList {
  const split = constraint === 'CONTIGUOUS' ? contiguous : noncontiguous;
  const list = split(range.ascending(), size);
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

/** How `total` values fall into even parts of at most `size`. Longer parts are spread among shorter ones. */
function evenly(total: number, size: number) {
  const count = Math.ceil(total / size);
  const [values, parts] = [BigInt(total), BigInt(count)];
  const isExact = Number.isSafeInteger(total * count);
  return {
    count,
    /** Where a part begins; that of `count` is the end of all. */
    start: (part: number) =>
      isExact ? Math.ceil((total * part) / count) : Number((values * BigInt(part) + parts - 1n) / parts),
    partOf: (index: number) => Number((BigInt(index) * parts) / values),
  };
}

/** An interval in doubles, where they are exact: ten times as fast. */
interface Counted {
  readonly first: number;
  readonly step: number;
}

function counted({ first, last, step }: Interval): Counted | undefined {
  const isExact = [first, last, step].every((one) => Number.isSafeInteger(Number(one)));
  return isExact ? { first: Number(first), step: Number(step) } : undefined;
}

/** The canonical text of the values from one position up to another, which is not included. */
function textBetween({ first, step }: Counted, from: number, to: number): string {
  const [low, high] = [first + from * step, first + (to - 1) * step];
  if (to - from === 1) return `${low}`;
  if (to - from === 2) return `${low},${high}`;
  return step === 1 ? `${low}-${high}` : `${low}-${high}:${step}`;
}

function noncontiguous(range: IntRange, size: number): Positions {
  const { count, start, partOf } = evenly(range.length, size);
  const [first, second] = range.intervals;
  const only = first && !second ? counted(first) : undefined;
  return {
    length: count,
    at: (index) => {
      const [from, to] = [start(index), start(index + 1)];
      return only ? textBetween(only, from, to) : String(range.slice(from, to));
    },
    holding: (value) => {
      const found = range.indexOf(value);
      return found < 0 ? undefined : partOf(found);
    },
  };
}

/**
 * Chunks of a size that may change from one to the next. Each call gives the next `size` values, or as many as
 * are left before a gap or the end; undefined after the last.
 */
export function chunkCursor(
  range: IntRange,
  constraint: RangeConstraint,
): (size: number) => string | undefined {
  const whole = range.ascending();
  const runs = constraint === 'CONTIGUOUS' ? joined(whole.intervals).values() : undefined;
  let [at, end] = [0, runs ? 0 : whole.length];
  let isConsecutive = true;
  return (size) => {
    if (at >= end) {
      const run = runs?.next().value;
      if (!run) return undefined;
      end += Number((run.last - run.first) / run.step) + 1;
      isConsecutive = run.step === 1n;
    }
    const from = at;
    at = isConsecutive ? Math.min(from + size, end) : from + 1;
    return runs ? `${whole.at(from)}-${whole.at(at - 1)}` : String(whole.slice(from, at));
  };
}

/** Values next to each other (`step` 1), or all apart from each other (`step` more than 1). */
interface Run extends Interval {
  readonly chunksBefore: number;
  readonly parts: ReturnType<typeof evenly>;
  readonly counted: Counted | undefined;
}

function contiguous(range: IntRange, size: number): Positions {
  const runs: Run[] = [];
  let total = 0;
  for (const interval of joined(range.intervals)) {
    const values = Number((interval.last - interval.first) / interval.step) + 1;
    const parts = evenly(values, interval.step === 1n ? size : 1);
    runs.push({ ...interval, chunksBefore: total, parts, counted: counted(interval) });
    total += parts.count;
  }
  return {
    length: total,
    at: (index) => {
      const run = runs[runs.length === 1 ? 0 : lastWhere(runs, (one) => one.chunksBefore <= index)]!;
      const part = index - run.chunksBefore;
      const [from, to] = [run.parts.start(part), run.parts.start(part + 1) - 1];
      const { first, step } = run;
      if (run.counted)
        return `${run.counted.first + from * run.counted.step}-${run.counted.first + to * run.counted.step}`;
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
