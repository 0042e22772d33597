/**
 * Range expressions: `1-10:2, 20, 30-40`. Values are integers in increasing order, each once.
 *
 * A range is kept as its intervals and never expanded: `1-1000000000` costs as much as `1-2`.
 */
import { IntRangeInvalid } from './errors.ts';

/** `first`, `first + step`, … up to `last`, which is reached exactly. `step` is 1 or more. */
export interface Interval {
  readonly first: bigint;
  readonly last: bigint;
  readonly step: bigint;
}

const mostIntervals = 10_000;
const bound = 2n ** 62n;
const element = /^(-?\d{1,20})(?:[ \t]*-[ \t]*(-?\d{1,20})(?:[ \t]*:[ \t]*([+-]?\d{1,20}))?)?$/;

const countOf = ({ first, last, step }: Interval): bigint => (last - first) / step + 1n;

export class IntRange implements Iterable<bigint> {
  /** In increasing order, none inside another. */
  readonly intervals: readonly Interval[];
  readonly length: number;
  /** How many values come before each interval. */
  readonly #before: readonly number[];

  private constructor(intervals: readonly Interval[]) {
    const before: number[] = [];
    let total = 0n;
    for (const interval of intervals) {
      before.push(Number(total));
      total += countOf(interval);
    }
    if (total > BigInt(Number.MAX_SAFE_INTEGER)) throw new IntRangeInvalid('The range has too many values.');
    this.intervals = intervals;
    this.length = Number(total);
    this.#before = before;
  }

  /** @throws IntRangeInvalid if it is empty, cannot be read, overlaps itself, or goes the wrong way. */
  static parse(text: string): IntRange {
    if (text.trim() === '') throw new IntRangeInvalid('The range expression is empty.');
    const parts = text.split(',');
    if (parts.length > mostIntervals) {
      throw new IntRangeInvalid(`The range has ${parts.length} parts; at most ${mostIntervals} are allowed.`);
    }
    const written = parts.map(parseElement).toSorted((a, b) => (a.from < b.from ? -1 : 1));
    for (const [index, { from, source }] of written.entries()) {
      const previous = written[index - 1];
      if (previous && previous.to >= from) {
        throw new IntRangeInvalid(`Range expression is not valid: ${previous.source} and ${source} overlap.`);
      }
    }
    return new IntRange(written.map(({ interval }) => interval));
  }

  /** The values as few intervals as a left-to-right pass finds. They may come in any order, or repeat. */
  static fromValues(values: Iterable<bigint>): IntRange {
    const sorted = [...new Set(values)].toSorted((a, b) => (a < b ? -1 : 1));
    const intervals: Interval[] = [];
    for (let at = 0; at < sorted.length;) {
      const [first, second = first] = sorted.slice(at, at + 2) as [bigint, bigint?];
      const step = second - first;
      let run = 1;
      while (sorted[at + run] === first + step * BigInt(run)) run += 1;
      // Two values are two numbers to a reader, not a range.
      if (run < 3) run = 1;
      intervals.push({ first, last: first + step * BigInt(run - 1), step: run === 1 ? 1n : step });
      at += run;
    }
    if (intervals.length === 0) throw new IntRangeInvalid('A range has at least one value.');
    return new IntRange(intervals);
  }

  /** The value at a position from 0, or from the end if negative; undefined outside. */
  at(position: number): bigint | undefined {
    const index = position < 0 ? position + this.length : position;
    if (!Number.isInteger(index) || index < 0 || index >= this.length) return undefined;
    let [low, high] = [0, this.intervals.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.#before[middle]! <= index) low = middle;
      else high = middle - 1;
    }
    const { first, step } = this.intervals[low]!;
    return first + step * BigInt(index - this.#before[low]!);
  }

  contains(value: bigint | number): boolean {
    return this.indexOf(BigInt(value)) >= 0;
  }

  /** The position of a value, or -1. */
  indexOf(value: bigint): number {
    let [low, high] = [0, this.intervals.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.intervals[middle]!.first <= value) low = middle;
      else high = middle - 1;
    }
    const { first, last, step } = this.intervals[low]!;
    if (value < first || value > last || (value - first) % step !== 0n) return -1;
    return this.#before[low]! + Number((value - first) / step);
  }

  /** The values from one position up to another, which is not included. */
  slice(from: number, to: number): IntRange {
    const pieces: Interval[] = [];
    for (const [index, { first, last, step }] of this.intervals.entries()) {
      const before = this.#before[index]!;
      const count = Number((last - first) / step) + 1;
      const [start, end] = [Math.max(from - before, 0), Math.min(to - before, count)];
      if (start >= end) continue;
      pieces.push({ first: first + step * BigInt(start), last: first + step * BigInt(end - 1), step });
    }
    return new IntRange(pieces);
  }

  *[Symbol.iterator](): IterableIterator<bigint> {
    for (const { first, last, step } of this.intervals) {
      for (let value = first; value <= last; value += step) yield value;
    }
  }

  /** The canonical form: `1-10:3,20`. */
  toString(): string {
    return this.intervals
      .map(({ first, last, step }) => {
        if (first === last) return `${first}`;
        return step === 1n ? `${first}-${last}` : `${first}-${last}:${step}`;
      })
      .join(',');
  }
}

interface Written {
  readonly source: string;
  /** The bounds as written: a stepped range claims all between them, reached or not. */
  readonly from: bigint;
  readonly to: bigint;
  readonly interval: Interval;
}

function parseElement(source: string): Written {
  const trimmed = source.trim();
  const parts = element.exec(trimmed);
  if (!parts) throw new IntRangeInvalid(`'${source}' is not a range such as 1-10 or 1-10:2.`);
  const start = within(parts[1]!);
  const end = parts[2] === undefined ? start : within(parts[2]);
  const step = parts[3] === undefined ? 1n : within(parts[3].replace(/^\+/, ''));
  if (step === 0n) throw new IntRangeInvalid(`'${trimmed}': the step must not be zero.`);
  if (step > 0n && start > end) {
    throw new IntRangeInvalid(`'${trimmed}': a range that goes down needs a negative step.`);
  }
  if (step < 0n && start < end) {
    throw new IntRangeInvalid(`'${trimmed}': a range that goes up needs a positive step.`);
  }
  const steps = (end - start) / step;
  const reached = start + steps * step;
  if (step > 0n)
    return { source: trimmed, from: start, to: end, interval: { first: start, last: reached, step } };
  return { source: trimmed, from: end, to: start, interval: { first: reached, last: start, step: -step } };
}

function within(digits: string): bigint {
  const value = BigInt(digits);
  if (value <= -bound || value >= bound) throw new IntRangeInvalid(`${digits} is out of range.`);
  return value;
}
