/** Adding a product brings its files: where they lie, what happens to them, and that they do not travel. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { errorOf, type Film, hashOf, makeFilm } from './film.ts';

let film: Film;
let look: string;
let frames: string;
beforeAll(async () => {
  film = await makeFilm();
  const pipeline = film.packl(
    '@film/pipeline',
    { exports: { '.': './index.js' }, pipl: { kind: 'code', productTypes: { Frames: '.#Frames' } } },
    { 'index.js': 'export const Frames = 1;\n' },
  );
  frames = film.packl(
    '@film/frames',
    {
      dependencies: { '@film/pipeline': '^1.0.0' },
      pipl: { kind: 'product', type: '@film/pipeline#Frames', assets: {} },
    },
    { 'out/b.0001.png': 'one', 'out/b.0002.png': 'two', 'note.txt': 'hello' },
  );
  look = film.packl('@film/look', { pipl: { kind: 'code' } });
  await must(['packl', 'publish', pipeline], look);
  await must(['asset', 'add', 'beauty', 'out/b.0001.png', 'out/b.0002.png'], frames);
  await must(['asset', 'add', 'note', 'note.txt'], frames);
  await must(['packl', 'publish'], frames);
});
afterAll(() => film[Symbol.asyncDispose]());

async function must(args: readonly string[], cwd: string) {
  const ended = await film.pipl(args, { cwd });
  expect(ended).toMatchObject({ status: 0 });
  return ended;
}
const add = ['packl', 'add', '@film/frames'];

test('adding a product checks its assets out beside the packl, read-only, and says how much it was', async () => {
  const { out, err } = await must(add, look);
  expect(out).toMatch(
    /^Added @film\/frames \^1\.0\.0 \(1\.0\.0: 2 frames, 6 bytes, 5 bytes checked out in \d+ ms\)\n$/,
  );
  expect(err).toContain('assets/frames');
  expect(readFileSync(join(look, 'assets/frames/beauty/out/b.0002.png'), 'utf8')).toBe('two');
  expect(readFileSync(join(look, 'assets/frames/note/note.txt'), 'utf8')).toBe('hello');
  expect(statSync(join(look, 'assets/frames/note/note.txt')).mode & 0o222).toBe(0);
});

test('the next version replaces them, and none of them travels with the packl', async () => {
  writeFileSync(join(frames, 'note.txt'), 'hello again');
  await must(['packl', 'bump', 'minor'], frames);
  await must(['asset', 'add', 'note', 'note.txt'], frames);
  await must(['packl', 'publish'], frames);
  expect((await must(add, look)).out).toContain('^1.1.0');
  expect(readFileSync(join(look, 'assets/frames/note/note.txt'), 'utf8')).toBe('hello again');
  expect(readdirSync(join(look, 'assets'))).toEqual(['frames']);

  mkdirSync(join(look, 'assets/own'), { recursive: true });
  writeFileSync(join(look, 'assets/own/icon.txt'), 'mine');
  const { json } = await must(['packl', 'publish', '--dry-run', '--json'], look);
  const { packls } = json.data as { packls: { files: string[] }[] };
  expect(packls[0]!.files).toContain('assets/own/icon.txt');
  expect(packls[0]!.files.filter((path) => path.startsWith('assets/frames'))).toEqual([]);
});

test("a folder that is not pipl's stays, and nothing is added", async () => {
  const other = film.packl('@film/other', { pipl: { kind: 'code' } }, { 'assets/frames/mine.txt': 'mine' });
  const before = hashOf(join(other, 'assets'));
  const ended = await film.pipl(add, { cwd: other });
  expect(ended).toMatchObject({ status: 4, out: '' });
  expect(errorOf(ended)[1]).toContain('assets/frames');
  expect(readFileSync(join(other, 'package.json'), 'utf8')).not.toContain('@film/frames');
  expect(hashOf(join(other, 'assets'))).toBe(before);
});
