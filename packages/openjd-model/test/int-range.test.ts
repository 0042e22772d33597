import { assert, integer, property, uniqueArray } from 'fast-check';
import { expect, test } from 'vitest';

import { IntRange, IntRangeInvalid } from '../src/index.ts';

test.each([
  ['1-5', [1, 2, 3, 4, 5], '1-5'],
  ['1 - 5', [1, 2, 3, 4, 5], '1-5'],
  ['-1 - 1', [-1, 0, 1], '-1-1'],
  ['1-10:4', [1, 5, 9], '1-9:4'],
  ['10-15:2,1-5', [1, 2, 3, 4, 5, 10, 12, 14], '1-5,10-14:2'],
  ['3--3:-2', [3, 1, -1, -3], '-3-3:2'],
  ['1-2', [1, 2], '1,2'],
  ['-10-0,1-3', [-10, -9, -8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3], '-10-3'],
])('%s', (text, values, canonical) => {
  const range = IntRange.parse(text);
  expect([...range]).toEqual(values.map(BigInt));
  expect(range.length).toBe(values.length);
  expect(values.map((_, index) => range.at(index))).toEqual(values.map(BigInt));
  expect(values.every((value) => range.contains(value))).toBe(true);
  expect(String(range)).toBe(canonical);
});

test.each(['', ' ', 'a', '1-', '1,,2', '1-5:0', '5-1', '1-5:-1', '1-5,5-9', '1-10,3', `${2n ** 62n}`, '1.5'])(
  "'%s' is not a range",
  (text) => {
    expect(() => IntRange.parse(text)).toThrow(IntRangeInvalid);
  },
);

test('a range is counted, not expanded', () => {
  const range = IntRange.parse('0-1000000000000:3');
  expect(range.length).toBe(333_333_333_334);
  expect(range.at(-1)).toBe(999_999_999_999n);
  expect(range.at(range.length)).toBeUndefined();
  expect(String(range)).toBe('0-999999999999:3');
});

test('there are at most 10 000 parts', () => {
  const parts = Array.from({ length: 10_001 }, (_, index) => 3 * index).join(',');
  expect(() => IntRange.parse(parts)).toThrow('more than 10000 parts');
});

test('the canonical form reads back as the same values', () => {
  const sets = uniqueArray(integer({ min: -50, max: 50 }), { minLength: 1 });
  assert(
    property(sets, (values) => {
      const range = IntRange.fromValues(values.map(BigInt));
      const sorted = values.toSorted((a, b) => a - b).map(BigInt);
      expect([...range]).toEqual(sorted);
      expect([...IntRange.parse(String(range))]).toEqual(sorted);
      expect(sorted.every((value, index) => range.indexOf(value) === index)).toBe(true);
    }),
  );
});

test('a slice has the values between two positions', () => {
  expect(String(IntRange.parse('1-5,10-20:5').slice(3, 7))).toBe('4,5,10,15');
});
