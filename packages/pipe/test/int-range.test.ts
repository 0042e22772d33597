import { assert, integer, property, uniqueArray } from 'fast-check';
import { expect, test } from 'vitest';
import { formatRange, parseRange } from '../src/int-range.ts';

test.each([
  ['7', [7]],
  ['1001-1003', [1001, 1002, 1003]],
  ['1-9:4', [1, 5, 9]],
  ['3-1:-1', [3, 2, 1]],
  ['-2--1', [-2, -1]],
  ['1, 4 - 5', [1, 4, 5]],
])('%s', (text, numbers) => expect(parseRange(text)).toEqual(numbers));

test.each(['', '1-', 'a', '1.5', '5-1', '1-5:0', '1-3,2', '1-5000000', '99999999999999999'])(
  '%j is refused',
  (text) => {
    expect(() => parseRange(text)).toThrow(RangeError);
  },
);

test('what is formatted reads back', () => {
  assert(
    property(uniqueArray(integer({ min: -200, max: 200 }), { minLength: 1 }), (numbers) => {
      expect(parseRange(formatRange(numbers))).toEqual(numbers.toSorted((a, b) => a - b));
    }),
  );
});
