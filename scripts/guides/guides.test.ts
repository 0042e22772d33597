/** Every guide does what it says: its commands are run, and print what it shows. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { globSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { runPipl } from '../story/cli.ts';
import { followGuide } from './follow-guide.ts';
import { missingLine, readGuide } from './read-guide.ts';

const guides = resolve(import.meta.dirname, '../../docs/guides');

for (const file of globSync('*.md', { cwd: guides })) {
  test(`docs/guides/${basename(file)} does what it says`, { timeout: 720_000 }, async () => {
    const acts = readGuide(await readFile(join(guides, file), 'utf8'));
    const folder = await mkdtemp(join(tmpdir(), 'pipl-guide-'));
    try {
      expect(await followGuide(acts, folder)).toEqual([]);
      expect(acts.length).toBeGreaterThan(0);
    } finally {
      for (const project of globSync('here/*/.pipl', { cwd: folder }))
        await runPipl(['proj', 'stop'], { cwd: join(folder, project, '..') });
      await rm(folder, { recursive: true, force: true });
    }
  });
}

test('a guide that shows what is not printed, or does not reach its end, is found out', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pipl-guide-'));
  const guide = ['```console', '$ echo one', 'two', '$ false', '$ exit 3', '$ echo never', '```'].join('\n');
  try {
    const said = await followGuide(readGuide(guide), folder);
    expect(said.map((line) => line.split('\n').slice(0, 2))).toEqual([
      ['line 2: $ echo one', 'did not print "two" but:'],
      ['line 4: $ false', 'ended with 1:'],
      ['line 5: $ exit 3', 'was not reached'],
      ['line 6: $ echo never', 'was not reached'],
    ]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('what a guide shows is matched line by line, in order', () => {
  expect(missingLine(['a…c', '…', 'd'], 'abc\nx\nd\n')).toBeUndefined();
  expect(missingLine(['d', 'a…c'], 'abc\nd\n')).toBe('a…c');
  expect(missingLine(['a.c'], 'abc')).toBe('a.c');
});
