import { expect, test } from 'vitest';
import { yamlBlock } from '../src/yaml.ts';

test.each([
  ['1.0.0', '1.0.0'],
  ['^1.0.0', '^1.0.0'],
  ['17 || 18', '17 || 18'],
  ['npm:left@1.1.0', 'npm:left@1.1.0'],
  ['1.0.0(react@17.0.2)(@x/y@1.0.0)', '1.0.0(react@17.0.2)(@x/y@1.0.0)'],
  ['use b instead', 'use b instead'],
  ['9.0', "'9.0'"],
  ['18', "'18'"],
  ['1e3', "'1e3'"],
  ['0x1f', "'0x1f'"],
  ['2024-01-01', "'2024-01-01'"],
  ['true', "'true'"],
  ['No', "'No'"],
  ['~', "'~'"],
  ['*', "'*'"],
  ['', "''"],
  ['>=18', "'>=18'"],
  ['@x/y', "'@x/y'"],
  ["it's: old", "'it''s: old'"],
  ["it's", "it's"],
  ['a #b', "'a #b'"],
  ['a, b', "'a, b'"],
  ['ends ', "'ends '"],
  ['ends:', "'ends:'"],
  ['two\nlines', '"two\\nlines"'],
])('the text %j is written %s', (text, written) => {
  expect(yamlBlock({ key: text })).toBe(`key: ${written}\n`);
});

test('maps are nested, resolution and engines and lists are in one line, empty dependencies left out', () => {
  const entry = {
    resolution: { integrity: 'sha512-x==' },
    cpu: ['x64', '!arm'],
    hasBin: true,
    dependencies: {},
  };
  expect(yamlBlock({ '@x/y@1.0.0': { ...entry, more: { a: '1.0.0', none: undefined } }, empty: {} }, 1)).toBe(
    [
      "  '@x/y@1.0.0':",
      '    resolution: {integrity: sha512-x==}',
      "    cpu: [x64, '!arm']",
      '    hasBin: true',
      '    more:',
      '      a: 1.0.0',
      '  empty: {}',
      '',
    ].join('\n'),
  );
});
