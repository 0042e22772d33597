/**
 * Range expressions: `1-10:2, 20, 40-30:-1`. Parts are in increasing order; each goes its own way.
 *
 * A range is kept as its intervals and never expanded: `1-1000000000` costs as much as `1-2`.
 */
import { IntRangeInvalid } from './errors.ts';
import { ascending, countOf, lastWhere, lowest, merged, textOf } from './intervals.ts';
import type { Interval } from './intervals.ts';

const mostIntervals = 10_000;
const bound = 2n ** 62n;
const integer = String.raw`(-?[ \t]*\d{1,20})`;
const element = new RegExp(String.raw`^${integer}(?:[ \t]*-[ \t]*${integer}(?:[ \t]*:[ \t]*${integer})?)?$`);

export class IntRange implements Iterable<bigint> {
  /** By their lowest value; none reaches into another. */
  readonly intervals: readonly Interval[];
  readonly length: number;
  readonly #placed: readonly { readonly interval: Interval; readonly before: number }[];

  private constructor(intervals: readonly Interval[]) {
    let total = 0n;
    this.#placed = intervals.map((interval) => {
      const before = Number(total);
      total += countOf(interval);
      return { interval, before };
    });
    if (total > BigInt(Number.MAX_SAFE_INTEGER)) throw new IntRangeInvalid('The range has too many values.');
    this.intervals = intervals;
    this.length = Number(total);
  }

  /** @throws IntRangeInvalid if it is empty, cannot be read, overlaps itself, or goes the wrong way. */
  static parse(text: string): IntRange {
    if (text.trim() === '') throw new IntRangeInvalid('The range expression is empty.');
    const parts = text.split(',', mostIntervals + 1);
    if (parts.length > mostIntervals) {
      throw new IntRangeInvalid(`The range has more than ${mostIntervals} parts.`);
    }
    const intervals = parts.map(parseElement).toSorted((a, b) => (lowest(a) < lowest(b) ? -1 : 1));
    for (const [index, interval] of intervals.entries()) {
      const previous = intervals[index - 1];
      if (previous && ascending(previous).last >= lowest(interval)) {
        throw new IntRangeInvalid(
          `The range is not valid: ${textOf([previous])} and ${textOf([interval])} overlap.`,
        );
      }
    }
    return new IntRange(intervals);
  }

  /** Values in any order, repeated or not; the range has each once, in increasing order. */
  static fromValues(values: Iterable<bigint>): IntRange {
    const sorted = [...new Set(values)].toSorted((a, b) => (a < b ? -1 : 1));
    if (sorted.length === 0) throw new IntRangeInvalid('A range has at least one value.');
    return new IntRange(merged(sorted.map((value) => ({ first: value, last: value, step: 1n }))));
  }

  /** The value at a position from 0, or from the end if negative; undefined outside. */
  at(position: number): bigint | undefined {
    const index = position < 0 ? position + this.length : position;
    if (!Number.isInteger(index) || index < 0 || index >= this.length) return undefined;
    const { interval, before } = this.#placed[lastWhere(this.#placed, (one) => one.before <= index)]!;
    return interval.first + interval.step * BigInt(index - before);
  }

  contains(value: bigint | number): boolean {
    return this.indexOf(BigInt(value)) >= 0;
  }

  /** The position of a value, or -1. */
  indexOf(value: bigint): number {
    const which = lastWhere(this.#placed, ({ interval }) => lowest(interval) <= value);
    const { interval, before } = this.#placed[which]!;
    const distance = value - interval.first;
    if (distance % interval.step !== 0n) return -1;
    const steps = distance / interval.step;
    return steps < 0n || steps >= countOf(interval) ? -1 : before + Number(steps);
  }

  /** The same values, every part increasing. */
  ascending(): IntRange {
    return new IntRange(this.intervals.map(ascending));
  }

  /** The values from one position up to another, which is not included. */
  slice(from: number, to: number): IntRange {
    const pieces: Interval[] = [];
    const start = lastWhere(this.#placed, ({ before }) => before <= from);
    for (const { interval, before } of this.#placed.slice(start)) {
      if (before >= to) break;
      const { first, step } = interval;
      const [skipped, end] = [Math.max(from - before, 0), Math.min(to - before, Number(countOf(interval)))];
      if (skipped >= end) continue;
      pieces.push({ first: first + step * BigInt(skipped), last: first + step * BigInt(end - 1), step });
    }
    return new IntRange(pieces);
  }

  *[Symbol.iterator](): IterableIterator<bigint> {
    for (const interval of this.intervals) {
      const count = countOf(interval);
      for (let index = 0n; index < count; index += 1n) yield interval.first + index * interval.step;
    }
  }

  /** The canonical form, increasing and as short as one pass finds: `1-10:3,20`. */
  toString(): string {
    return textOf(merged(this.intervals.map(ascending)));
  }
}

function parseElement(source: string): Interval {
  const trimmed = source.trim();
  const parts = element.exec(trimmed);
  if (!parts) throw new IntRangeInvalid(`'${source}' is not a range such as 1-10 or 1-10:2.`);
  const first = within(parts[1]!);
  const end = parts[2] === undefined ? first : within(parts[2]);
  const step = parts[3] === undefined ? 1n : within(parts[3]);
  if (step === 0n) throw new IntRangeInvalid(`'${trimmed}': the step must not be zero.`);
  if (step > 0n && first > end) {
    throw new IntRangeInvalid(`'${trimmed}': a range that goes down needs a negative step.`);
  }
  if (step < 0n && first < end) {
    throw new IntRangeInvalid(`'${trimmed}': a range that goes up needs a positive step.`);
  }
  return { first, last: first + ((end - first) / step) * step, step };
}

function within(digits: string): bigint {
  const value = BigInt(digits.replace(/[ \t]/g, ''));
  if (value <= -bound || value >= bound) throw new IntRangeInvalid(`${digits} is out of range.`);
  return value;
}
