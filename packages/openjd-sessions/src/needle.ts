/**
 * Finds one sequence in others in time with their lengths, whatever repeats in them (Knuth, Morris and Pratt): a
 * secret of 60,000 equal letters must not hold up the log. Works on bytes and on UTF-16 units alike.
 */
export class Needle {
  readonly length: number;
  readonly #units: ArrayLike<number>;
  /** For each length of a beginning that matched: that of the longest shorter one that then matches too. */
  readonly #shorter: Uint32Array;

  constructor(units: ArrayLike<number>) {
    this.length = units.length;
    this.#units = units;
    this.#shorter = new Uint32Array(units.length + 1);
    for (let at = 1, matched = 0; at < units.length; at += 1) {
      matched = this.#next(matched, units[at]!);
      this.#shorter[at + 1] = matched;
    }
  }

  /** Where it ends in the haystack, each time; occurrences may overlap. */
  *endsIn(haystack: ArrayLike<number>): Generator<number> {
    for (let at = 0, matched = 0; at < haystack.length; at += 1) {
      matched = this.#next(matched, haystack[at]!);
      if (matched === this.length) yield at + 1;
    }
  }

  /** How many of its first units the haystack ends with, short of all. */
  beginsAtEndOf(haystack: ArrayLike<number>): number {
    let matched = 0;
    for (let at = 0; at < haystack.length; at += 1) matched = this.#next(matched, haystack[at]!);
    return matched === this.length ? this.#shorter[matched]! : matched;
  }

  /** Matched units after one more. */
  #next(matched: number, unit: number): number {
    let length = matched;
    if (length === this.length) length = this.#shorter[length]!;
    while (length > 0 && this.#units[length] !== unit) length = this.#shorter[length]!;
    return this.#units[length] === unit ? length + 1 : 0;
  }
}

export const utf16 = (text: string): Uint16Array =>
  Uint16Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
