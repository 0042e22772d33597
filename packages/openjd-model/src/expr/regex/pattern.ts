/** The tree of a regular expression, and sets of characters. */
import { lastWhere } from '../../intervals.ts';

export interface CharacterSet {
  readonly ranges: readonly (readonly [from: number, to: number])[];
  /** Classes such as `\w`, each a test of one character. */
  readonly classes: readonly ((character: string) => boolean)[];
  readonly isNegated: boolean;
  readonly ignoresCase: boolean;
}

export type Assertion = 'start' | 'end' | 'line-start' | 'line-end' | 'boundary' | 'no-boundary';

export type Pattern =
  | { readonly is: 'empty' }
  | { readonly is: 'set'; readonly set: CharacterSet }
  | { readonly is: 'assert'; readonly what: Assertion }
  | { readonly is: 'sequence'; readonly parts: readonly Pattern[] }
  | { readonly is: 'choice'; readonly options: readonly Pattern[] }
  | { readonly is: 'group'; readonly of: Pattern; readonly index: number }
  | {
      readonly is: 'repeat';
      readonly of: Pattern;
      readonly least: number;
      readonly most: number;
      readonly isGreedy: boolean;
    };

/** Ranges in order and apart, each class once: however long a set is written, asking it is quick. */
export function characterSet(written: CharacterSet): CharacterSet {
  const ranges: [number, number][] = [];
  for (const [from, to] of written.ranges.toSorted(([a], [b]) => a - b)) {
    const last = ranges.at(-1);
    if (last && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else ranges.push([from, to]);
  }
  return { ...written, ranges, classes: [...new Set(written.classes)] };
}

const inRanges = ({ ranges, classes }: CharacterSet, character: string): boolean => {
  const point = character.codePointAt(0)!;
  const [from, to] = ranges[lastWhere(ranges, ([start]) => start <= point)] ?? [1, 0];
  return (point >= from && point <= to) || classes.some((holds) => holds(character));
};

/** Simple case folding: the sign itself, its capital, its small letter, and the small one of its capital. */
function variants(character: string): readonly string[] {
  const [upper, lower] = [character.toUpperCase(), character.toLowerCase()];
  const special = { s: ['ſ'], k: ['\u212a'], å: ['\u212b'] }[lower] ?? [];
  return [character, upper, lower, upper.toLowerCase(), lower.toUpperCase(), ...special].filter(
    (one) => one.length === character.length,
  );
}

export function setHas(set: CharacterSet, character: string): boolean {
  const found = set.ignoresCase
    ? variants(character).some((variant) => inRanges(set, variant))
    : inRanges(set, character);
  return found !== set.isNegated;
}

export const isWord = (character: string): boolean =>
  /^[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]$/u.test(character);

export const shorthand: Readonly<Record<string, (character: string) => boolean>> = {
  d: (character) => /^\p{Nd}$/u.test(character),
  D: (character) => !/^\p{Nd}$/u.test(character),
  w: isWord,
  W: (character) => !isWord(character),
  s: (character) => /^\p{White_Space}$/u.test(character),
  S: (character) => !/^\p{White_Space}$/u.test(character),
};
