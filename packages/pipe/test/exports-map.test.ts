import { expect, test } from 'vitest';
import { exportedFile } from '../src/exports-map.ts';

test.each([
  ['a file', './main.js', '.', './main.js'],
  ['a subpath', { './render': './dist/render.js' }, './render', './dist/render.js'],
  [
    'conditions, the first that fits',
    { './a': { types: './a.d.ts', import: './a.mjs', default: './a.js' } },
    './a',
    './a.mjs',
  ],
  ['conditions of the package itself', { require: './a.cjs', default: './a.js' }, '.', './a.js'],
  ['nested conditions', { './a': { node: { require: './a.cjs' }, default: './a.js' } }, './a', './a.js'],
  ['a pattern', { './*': './dist/*.js' }, './shots/render', './dist/shots/render.js'],
  [
    'the longest pattern',
    { './*': './dist/*.js', './shots/*': './s/*.js' },
    './shots/render',
    './s/render.js',
  ],
  ['nothing', { './render': './dist/render.js' }, './comp', undefined],
  ['what is excluded', { './*': './dist/*.js', './secret': null }, './secret', undefined],
])('%s', (_, exports, subpath, file) => expect(exportedFile(exports, subpath)).toBe(file));
