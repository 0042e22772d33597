/** Integers at equal distances, kept as their ends: the parts of a range expression. */

/** `first`, `first + step`, … up to `last`, which is reached exactly. `step` may be negative, never 0. */
export interface Interval {
  readonly first: bigint;
  readonly last: bigint;
  readonly step: bigint;
}

export const countOf = ({ first, last, step }: Interval): bigint => (last - first) / step + 1n;

export const lowest = ({ first, last }: Interval): bigint => (first < last ? first : last);

export const ascending = (interval: Interval): Interval =>
  interval.step > 0n ? interval : { first: interval.last, last: interval.first, step: -interval.step };

/** The last position for which a condition that holds up to some position holds; 0 if it never does. */
export function lastWhere<T>(items: readonly T[], condition: (item: T) => boolean): number {
  let [low, high] = [0, items.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (condition(items[middle]!)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Walks the values of intervals, and can pass over many at once. */
class Cursor {
  readonly #intervals: readonly Interval[];
  #which = 0;
  #value: bigint | undefined;

  constructor(intervals: readonly Interval[]) {
    this.#intervals = intervals;
    this.#value = intervals[0]?.first;
  }

  get value(): bigint | undefined {
    return this.#value;
  }

  next(): void {
    const { last, step } = this.#intervals[this.#which]!;
    if (this.#value !== last) {
      this.#value! += step;
      return;
    }
    this.#which += 1;
    this.#value = this.#intervals[this.#which]?.first;
  }

  /** To the end of the interval, if its values are `step` apart. */
  skip(step: bigint): void {
    const interval = this.#intervals[this.#which]!;
    if (interval.step === step) this.#value = interval.last;
  }
}

/**
 * The same ascending values in as few intervals as one pass from the left finds.
 *
 * Three or more at equal distances become one; two are two numbers, because that is how people read them.
 */
export function merged(intervals: readonly Interval[]): Interval[] {
  const result: Interval[] = [];
  const cursor = new Cursor(intervals);
  while (cursor.value !== undefined) {
    const first = cursor.value;
    cursor.next();
    const second = cursor.value;
    if (second === undefined) return [...result, single(first)];
    const step = second - first;
    const last = passRun(cursor, step);
    if (last === second) result.push(single(first), single(second));
    else result.push({ first, last, step });
  }
  return result;
}

const single = (value: bigint): Interval => ({ first: value, last: value, step: 1n });

/** Moves past the values that are `step` apart, from the second of them on, and gives the last. */
function passRun(cursor: Cursor, step: bigint): bigint {
  for (;;) {
    cursor.skip(step);
    const last = cursor.value!;
    cursor.next();
    if (cursor.value !== last + step) return last;
  }
}

export function textOf(intervals: readonly Interval[]): string {
  return intervals
    .map(({ first, last, step }) => {
      if (first === last) return `${first}`;
      return step === 1n ? `${first}-${last}` : `${first}-${last}:${step}`;
    })
    .join(',');
}
