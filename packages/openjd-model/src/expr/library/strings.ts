/** Text by code points: trimming, padding, cases, slices. Searching is in `string-search.ts`. */
import { intOf, smallOf, stringOf } from '../arguments.ts';
import { display, floatText } from '../display.ts';
import { ExpressionInvalid, overflow } from '../expression-invalid.ts';
import type { Definition, Run, Surroundings } from '../library.ts';
import { slicePositions } from '../slice-positions.ts';
import { codePoints, isPlain } from '../../code-points.ts';
import { charactersOf } from '../characters.ts';
import { boolean, integer, text } from '../values.ts';
import type { Value } from '../values.ts';

/** What Python's `str.isspace` and `str.split` call space. */
// oxlint-disable-next-line no-control-regex -- four of them are control characters
export const space = /[\t-\r\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

const onText =
  (change: (value: string) => string): Run =>
  ([value], { budget }) => {
    budget.spendText(stringOf(value).length);
    return text(change(stringOf(value)));
  };

const asks =
  (holds: (value: string) => boolean): Run =>
  ([value], { budget }) => {
    budget.spendText(stringOf(value).length);
    return boolean(holds(stringOf(value)));
  };

function strip(
  characters: readonly string[],
  has: (character: string) => boolean,
  sides: { left: boolean; right: boolean },
): string {
  let [from, to] = [0, characters.length];
  while (sides.left && from < to && has(characters[from]!)) from += 1;
  while (sides.right && to > from && has(characters[to - 1]!)) to -= 1;
  return characters.slice(from, to).join('');
}

function strips(name: string, sides: { left: boolean; right: boolean }): Definition[] {
  const run: Run = ([value, only], { budget }) => {
    const set = only && new Set(stringOf(only));
    return text(
      strip(
        charactersOf(stringOf(value), budget),
        set ? (one) => set.has(one) : (one) => space.test(one),
        sides,
      ),
    );
  };
  return [
    [name, '(string) -> string', run],
    [name, '(string, string) -> string', run],
  ];
}

const notSpace = new RegExp(`[^${space.source.slice(1, -1)}]`);
const capitalize = (value: string): string => {
  const [first = '', ...rest] = value;
  const upper = first.toUpperCase();
  const [head = '', ...tail] = upper;
  return head + tail.join('').toLowerCase() + rest.join('').toLowerCase();
};

const title = (value: string): string => value.replace(/\p{Cased}+/gu, capitalize);

/** How much is missing to a width, charged before it is written. */
function missing(value: string, width: Value | undefined, { budget }: Surroundings): number {
  budget.spendText(value.length);
  const count = Math.max(smallOf(width) - codePoints(value), 0);
  budget.write(value.length + count);
  return count;
}

function zeroFill(value: string, width: Value | undefined, surroundings: Surroundings): Value {
  const zeros = '0'.repeat(missing(value, width, surroundings));
  const sign = /^[+-]/.exec(value)?.[0] ?? '';
  return text(sign + zeros + value.slice(sign.length));
}

const pad =
  (leftOf: (count: number, width: number) => number): Run =>
  ([value, width], surroundings) => {
    const count = missing(stringOf(value), width, surroundings);
    const left = leftOf(count, smallOf(width));
    return text(' '.repeat(left) + stringOf(value) + ' '.repeat(count - left));
  };

const repeat: Run = ([value, times], { budget }) => {
  const count = intOf(times) < 0n ? 0n : intOf(times);
  const length = BigInt(stringOf(value).length) * count;
  if (length >= 2n ** 63n) throw overflow();
  budget.write(Number(length));
  return text(stringOf(value).repeat(Number(count)));
};

const add =
  (left: (value: Value) => string, right: (value: Value) => string): Run =>
  ([one, other], { budget }) => {
    const result = left(one!) + right(other!);
    budget.write(result.length);
    return text(result);
  };

const rangeText = (value: Value): string => display(value);

const itemOf: Run = ([value, index], { budget }) => {
  const subject = stringOf(value);
  budget.spendText(subject.length);
  const characters = isPlain(subject) ? subject : charactersOf(subject, budget);
  const at = smallOf(index);
  const found = characters.at(at);
  if (found !== undefined) return text(found);
  throw new ExpressionInvalid(
    `Index ${intOf(index)} out of bounds for string of length ${characters.length}`,
  );
};

const slice: Run = ([value, ...bounds], { budget }) => {
  const characters = charactersOf(stringOf(value), budget);
  return text([...slicePositions(characters.length, bounds)].map((at) => characters[at]!).join(''));
};

/** Digits beyond the decimal ones: raised, lowered, circled. */
const digit =
  /^[\p{Nd}\u00b2\u00b3\u00b9\u2070\u2074-\u2079\u2080-\u2089\u2460-\u2468\u2474-\u247c\u2488-\u2490\u24ea\u24f5-\u24fd\u24ff\u2776-\u277e\u2780-\u2788\u278a-\u2792]+$/u;

const bounds = 'int | nulltype, int | nulltype, int | nulltype';

export const strings: readonly Definition[] = [
  ['__add__', '(string, string) -> string', add(stringOf, stringOf)],
  ['__add__', '(string, range_expr) -> string', add(stringOf, rangeText)],
  ['__add__', '(range_expr, string) -> string', add(rangeText, stringOf)],
  ['__mul__', '(string, int) -> string', repeat],
  ['__getitem__', '(string, int) -> string', itemOf],
  ['__getitem__', `(string, ${bounds}) -> string`, slice],
  ['len', '(string) -> int', ([value]) => integer(codePoints(stringOf(value)))],
  ['len', '(path) -> int', ([value]) => integer(codePoints(stringOf(value)))],
  ['upper', '(string) -> string', onText((value) => value.toUpperCase())],
  ['lower', '(string) -> string', onText((value) => value.toLowerCase())],
  ['title', '(string) -> string', onText(title)],
  ['capitalize', '(string) -> string', onText(capitalize)],
  ...strips('strip', { left: true, right: true }),
  ...strips('lstrip', { left: true, right: false }),
  ...strips('rstrip', { left: false, right: true }),
  ['isdigit', '(string) -> bool', asks((value) => digit.test(value))],
  ['isalpha', '(string) -> bool', asks((value) => /^\p{L}+$/u.test(value))],
  ['isalnum', '(string) -> bool', asks((value) => /^[\p{L}\p{N}]+$/u.test(value))],
  ['isspace', '(string) -> bool', asks((value) => value !== '' && value.search(notSpace) === -1)],
  ['isupper', '(string) -> bool', asks((value) => /\p{Lu}/u.test(value) && !/[\p{Ll}\p{Lt}]/u.test(value))],
  ['islower', '(string) -> bool', asks((value) => /\p{Ll}/u.test(value) && !/[\p{Lu}\p{Lt}]/u.test(value))],
  // oxlint-disable-next-line no-control-regex -- ASCII begins with them
  ['isascii', '(string) -> bool', asks((value) => /^[\u0000-\u007f]*$/.test(value))],
  // As Python has it: of an odd rest, the left gets more when the width is odd.
  [
    'center',
    '(string, int) -> string',
    pad((count, width) => Math.floor(count / 2) + ((count % 2) & (width % 2))),
  ],
  ['ljust', '(string, int) -> string', pad(() => 0)],
  ['rjust', '(string, int) -> string', pad((count) => count)],
  ['zfill', '(string, int) -> string', ([value, width], around) => zeroFill(stringOf(value), width, around)],
  [
    'zfill',
    '(int, int) -> string',
    ([value, width], around) => zeroFill(String(intOf(value)), width, around),
  ],
  [
    'zfill',
    '(float, int) -> string',
    ([value, width], around) => zeroFill(value?.is === 'float' ? floatText(value) : '', width, around),
  ],
];
