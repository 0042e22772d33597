/** `docs/threats.md` names defences and tests that are there: a file or a test that is called otherwise by now is found. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { refusedArchives, refusedManifests } from '../../packages/registry-client/test/tarball-corpus.ts';

const root = join(import.meta.dirname, '../..');
const text = readFileSync(join(root, 'docs/threats.md'), 'utf8');

/** Titles of `test` and `test.each`, as patterns: what is filled in may be anything. */
function titlesIn(file: string): RegExp[] {
  const source = readFileSync(file, 'utf8');
  const calls = source.matchAll(
    /\btest(?:\.\w+)*\s*(?:\((?!['"`])[\s\S]*?\)\s*)?\(\s*(['"`])((?:\\.|(?!\1).)+)\1/g,
  );
  return [...calls].map(([, , title = '']) => {
    const plain = title.replaceAll(/\\(['"`])/g, '$1').replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
    return new RegExp(`^${plain.replaceAll(/%[sijdo]/g, '.*')}$`);
  });
}

const files = globSync('{packages/*,registry,ci}/test/**/*.test.ts', { cwd: root });
const titles = Map.groupBy(files, (file) => basename(file));

test('every file that it names is there', () => {
  const named = [...text.matchAll(/`((?:packages|registry|ci)\/[^`]*\.ts)`/g)].map(([, file = '']) => file);
  expect(named.length).toBeGreaterThan(100);
  expect(named.filter((file) => !existsSync(join(root, file)))).toEqual([]);
});

test('every test that it names is there, under that title', () => {
  const rows = [...text.matchAll(/\| `([\w.-]+\.test\.ts)`: (.*?) *\|$/gm)];
  expect(rows.length).toBeGreaterThan(100);
  const missing = rows.filter(([, file = '', title = '']) => {
    const patterns = (titles.get(file) ?? []).flatMap((path) => titlesIn(join(root, path)));
    return !patterns.some((pattern) => pattern.test(title.replace(/ \(time\)$/, '')));
  });
  expect(missing.map(([row]) => row)).toEqual([]);
});

test('each row of the threat model that touches the registry is there', () => {
  for (const number of [2, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 19, 21])
    expect(text).toMatch(new RegExp(String.raw`^## ${number}\. `, 'm'));
});

test('the corpus of bad tarballs has at least forty', () => {
  expect(Object.keys({ ...refusedArchives, ...refusedManifests }).length).toBeGreaterThanOrEqual(40);
});
