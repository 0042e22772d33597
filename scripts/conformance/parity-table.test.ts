/** The table of docs/openjd-parity.md: every line names tests, and every test that it names is there. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const docs = resolve(import.meta.dirname, '../../docs');
const text = readFileSync(join(docs, 'openjd-parity.md'), 'utf8');

test('every test that the table names exists', () => {
  const files = new Map(
    [...text.matchAll(/^\[([^\]]+)\]: (\S+)$/gm)].map(([, label, file]) => [label, file]),
  );
  const named = [...text.matchAll(/\[([^\]]+)\]: “([^”]+)”/g)];
  expect(named.length).toBeGreaterThan(150);
  const missing = named.filter(([, label, name = '']) => {
    const file = files.get(label);
    return file === undefined || !readFileSync(join(docs, file), 'utf8').includes(name);
  });
  expect(missing.map(([whole]) => whole)).toEqual([]);
});

test('every line of the table has a test', () => {
  const rows = text.split('\n').filter((line) => /^\| (?!What |-)/.test(line));
  expect(rows.length).toBeGreaterThan(80);
  expect(rows.filter((line) => !line.includes(': “'))).toEqual([]);
});
