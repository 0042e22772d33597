/** Ranges asked quickly: what node-semver says, of every version. */
import { assert, constantFrom, integer, oneof, property, tuple } from 'fast-check';
import semver from 'semver';
import { expect, test } from 'vitest';
import { compareVersions, isIn, meaningOf } from '../src/versions.ts';

const number = integer({ min: 0, max: 3 });
const plain = tuple(number, number, number).map((parts) => parts.join('.'));
const version = oneof(
  { weight: 3, arbitrary: plain },
  tuple(plain, constantFrom('-0', '-alpha.1', '-beta', '+build', '-rc.1+build')).map((both) => both.join('')),
);
const bound = tuple(constantFrom('^', '~', '>', '>=', '<', '<=', '=', ''), version).map((both) =>
  both.join(''),
);
const range = oneof(
  constantFrom('*', '', 'x', '1', '1.x', '1.2.x', '>1', '<=1.2', '~1', '^0', '<0.0.0'),
  bound,
  tuple(bound, bound).map((both) => both.join(' ')),
  tuple(bound, bound).map((both) => both.join(' || ')),
  tuple(version, version).map((both) => both.join(' - ')),
);

test('a version is in a range when node-semver says so', () => {
  assert(
    property(range, version, (text, one) => {
      expect(isIn(new semver.Range(text), one)).toBe(semver.satisfies(one, text));
    }),
    { numRuns: 3_000 },
  );
});

test('versions are ordered as node-semver orders them', () => {
  assert(
    property(version, version, (one, other) => {
      expect(compareVersions(one, other)).toBe(semver.compare(one, other));
    }),
  );
});

test('a text is a range, one exact version, or else a tag', () => {
  expect(meaningOf('^1.0.0')).toMatchObject({ is: 'range' });
  expect(meaningOf('v1.0.0')).toEqual({ is: 'version', version: '1.0.0' });
  expect(meaningOf('latest')).toEqual({ is: 'tag' });
  expect(meaningOf('')).toMatchObject({ is: 'range' });
});
