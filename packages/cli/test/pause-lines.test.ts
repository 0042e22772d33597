import { indexName } from '@pipl/packl';
import { expect, test } from 'vitest';
import { pauseLine, resumeLine } from '../src/pause-lines.ts';

const index = indexName('root/stage');
const at = '2026-11-24T03:10:59.000Z';

test('a pause is one line: what, by whom, since when, why', () => {
  expect(pauseLine({ task: '@film/comp', by: 'ann', at, reason: 'plates are late' })).toBe(
    '@film/comp, by ann since 2026-11-24 03:10 UTC: plates are late',
  );
  expect(pauseLine({ task: '@film/comp', index, by: 'pipl', at })).toBe(
    '@film/comp in root/stage, by pipl itself since 2026-11-24 03:10 UTC',
  );
  expect(pauseLine({ index, by: 'ann', at })).toMatch(/^everything in root\/stage, by ann/);
  expect(pauseLine({ by: 'root', at })).toMatch(/^everything, by root/);
});

test('what ends a pause names what began it', () => {
  expect(
    [{ task: '@film/comp' }, { task: '@film/comp', index }, { index }, {}].map((one) => resumeLine(one)),
  ).toEqual([
    'pipl resume @film/comp',
    'pipl resume @film/comp --index root/stage',
    'pipl resume --index root/stage',
    'pipl resume --all',
  ]);
});
