/** The table of what a packl may add or override names tests that are there, two for each, under those titles. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const text = readFileSync(join(root, 'packages/pipe/README.md'), 'utf8');
const points =
  'config, service, asset store, asset type, product type, task type, command, check, envset, editor group';

/** `path`: title, in a cell. */
const named = /^`([^`]+\.ts)`: (.+)$/;

interface Row {
  readonly point: string;
  readonly writes: string;
  readonly tests: readonly (readonly [file: string, title: string])[];
}

function rowsOf(markdown: string): Row[] {
  return markdown.split('\n').flatMap((line) => {
    const [, point = '', writes = '', ...cells] = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
    const tests = cells.flatMap((cell): [string, string][] => {
      const [, file, title] = named.exec(cell) ?? [];
      return file === undefined || title === undefined ? [] : [[file, title]];
    });
    return tests.length === 0 ? [] : [{ point, writes, tests }];
  });
}

/** Titles of a file; of `test.each`, the title filled in with the first word of each of its rows. */
function titlesIn(source: string): string[] {
  const plain = [...source.matchAll(/\btest\(\s*'((?:\\.|[^'\\])+)'/g)].map(([, title = '']) => title);
  const each = [...source.matchAll(/\btest\.each\(\[([\s\S]*?)\n\s*\]\)\(\s*'((?:\\.|[^'\\])+)'/g)].flatMap(
    ([, rows = '', title = '']) =>
      [...rows.matchAll(/\n\s*\[\s*'([^']+)'/g)].map(([, first = '']) => title.replace('%s', first)),
  );
  return [...plain, ...each].map((title) => title.replaceAll(/\\(.)/g, '$1'));
}

const missing = (markdown: string): string[] =>
  rowsOf(markdown).flatMap(({ tests }) =>
    tests.flatMap(([file, title]) => {
      const path = join(root, file);
      const isThere = existsSync(path) && titlesIn(readFileSync(path, 'utf8')).includes(title);
      return isThere ? [] : [`${file}: ${title}`];
    }),
  );

test('every extension point has a row: what is written, one test that adds it, one with a broken packl', () => {
  const rows = rowsOf(text);
  expect(rows.map(({ point }) => point).join(', ')).toBe(points);
  for (const { point, writes, tests } of rows)
    expect([point, writes, tests.length]).toEqual([point, expect.stringContaining('`'), 2]);
});

test('every test that it names is there, under that title', () => {
  expect(missing(text)).toEqual([]);
});

test('a test that is called otherwise by now, or a file that went, is found', () => {
  const otherwise = text
    .replace(/broken\.ts`: store(?= +\|)/, 'broken.ts`: a store')
    .replace('people.ts`', 'folk.ts`');
  expect(missing(otherwise)).toEqual([
    'packages/cli/test/framework/broken.ts: a store',
    expect.stringContaining('packages/cli/test/framework/folk.ts: a command reads'),
  ]);
});
