import { expect, test } from 'vitest';

import {
  FormatStringInvalid,
  SymbolTable,
  escapeFormatString,
  parseFormatString,
  resolveFormatString,
} from '../src/index.ts';

const symbols = new SymbolTable([
  ['Param.Frames', '1-10'],
  ['Session.WorkingDirectory', '/work'],
]);

test('names are replaced by their values, with or without spaces', () => {
  expect(resolveFormatString('{{Param.Frames}} in {{ Session.WorkingDirectory }}/x', symbols)).toBe(
    '1-10 in /work/x',
  );
});

test('segments know where they stand', () => {
  expect(parseFormatString('a{{ B.c }}').segments).toEqual([
    { kind: 'text', text: 'a' },
    { kind: 'name', name: 'B.c', start: 1, end: 10 },
  ]);
});

test('a value is not read again', () => {
  expect(resolveFormatString('{{A}}', new SymbolTable([['A', '{{B}}']]))).toBe('{{B}}');
});

test('single braces are text', () => {
  expect(resolveFormatString('{ "a": {} }', symbols)).toBe('{ "a": {} }');
});

test.each([
  ['{{', '{{ without }}'],
  ['a }} b', '}} without {{'],
  ['{{ }}', 'Empty expression'],
  ['{{ {{ A }} }}', "Unexpected '{'"],
  ['{{ 1a }}', "Unexpected '1'"],
  ['{{ Param.A + 1 }}', 'EXPR'],
])('%s is refused', (text, reason) => {
  expect(() => parseFormatString(text)).toThrow(reason);
});

test('an unknown name is told with its place and the nearest known one', () => {
  expect(() => resolveFormatString('see {{Param.Frame}}', symbols)).toThrow(
    expect.objectContaining({
      start: 4,
      end: 19,
      suggestion: 'Param.Frames',
      code: 'OPENJD_FORMAT_STRING_INVALID',
    }),
  );
  expect(() => resolveFormatString('{{Nothing.Like.This.Exists}}', symbols)).toThrow(FormatStringInvalid);
});

test('a hostile text is refused before it costs much', () => {
  expect(() => parseFormatString('{{A}}'.repeat(1001))).toThrow('More than 1000 segments');
  expect(() => parseFormatString('x'.repeat(1024 * 1024 + 1))).toThrow('Longer than');
});

test.each(['plain', '{', '}', '{}', '{{ Param.X }}', '{{{', 'a }} b', '{{{{}}}}', "'{{'", '{ {', '}{'])(
  'escaped, %j becomes itself',
  (text) => {
    const written = escapeFormatString(text, { expressions: true });
    expect(resolveFormatString(written, new SymbolTable([], {}))).toBe(text);
  },
);

test('without EXPR only a text without braces can be escaped', () => {
  expect(escapeFormatString('a { b }')).toBe('a { b }');
  expect(() => escapeFormatString('a {{ b')).toThrow(FormatStringInvalid);
});
