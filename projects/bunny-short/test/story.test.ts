/**
 * The acceptance test of the short film: the story of the README on a fresh project with the built command line,
 * asserted by name, and the film itself, decoded.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '@pipl/assets';
import { indexName, type Row } from '@pipl/packl';
import { connect, type RunView } from '@pipl/registry-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tellBunny, type Story } from '../../../scripts/story/bunny.ts';
import { pipl } from '../../../scripts/story/cli.ts';
import { decodeFrames } from './inspect.ts';

const silent = { chapter() {}, command() {}, note() {}, wave() {} };
let temp: string;
let story: Story;

beforeAll(async () => {
  temp = await mkdtemp(join(tmpdir(), 'pipl-bunny-'));
  story = await tellBunny(join(temp, 'film'), silent);
}, 900_000);

afterAll(async () => {
  await pipl(['proj', 'stop'], { cwd: story.project });
  await rm(temp, { recursive: true, force: true });
});

const ran = (chapter: number): string[] =>
  story.chapters[chapter]!.runs.map(({ task, state }: RunView) => `${task} ${state}`).toSorted();

test('a model makes a movie: nine runs, each once', () => {
  expect(ran(0)).toEqual([
    '@film/review succeeded',
    '@film/sh010-anim succeeded',
    '@film/sh010-comp succeeded',
    '@film/sh010-layout succeeded',
    '@film/sh010-render succeeded',
    '@film/sh020-anim succeeded',
    '@film/sh020-comp succeeded',
    '@film/sh020-layout succeeded',
    '@film/sh020-render succeeded',
  ]);
});

test('the review ran after both comps had ended', () => {
  const run = (task: string): RunView => story.chapters[0]!.runs.find((one) => one.task === `@film/${task}`)!;
  const comps = [run('sh010-comp').endedAt!, run('sh020-comp').endedAt!].toSorted();
  expect(run('review').startedAt! >= comps[1]!).toBe(true);
});

test('a new grade in sh010: two runs', () => {
  expect(ran(1)).toEqual(['@film/review succeeded', '@film/sh010-comp succeeded']);
});

test('a model as big as before: seven runs, layouts end unchanged, animations sleep', () => {
  expect(ran(2)).toEqual([
    '@film/review succeeded',
    '@film/sh010-comp succeeded',
    '@film/sh010-layout unchanged',
    '@film/sh010-render succeeded',
    '@film/sh020-comp succeeded',
    '@film/sh020-layout unchanged',
    '@film/sh020-render succeeded',
  ]);
});

test('a major version under ^1 ranges: nothing runs, and pipl says why', () => {
  expect(ran(3)).toEqual([]);
  expect(story.why.filter((line) => line.includes('did not run'))).toEqual(
    ['sh010-layout', 'sh010-render', 'sh020-layout', 'sh020-render'].map(
      (task) =>
        `@film/${task} did not run: it asks for @film/bunny ^1.0.0: 2.0.0 is outside; it stays with 1.1.0.`,
    ),
  );
});

test('the movie has all its frames; none is flat, and each differs from the one before', async () => {
  const rows = await productRows(story.url);
  const movie = rows.findLast(({ name }) => name === '@film/movie')!;
  const store = await openStore(join(story.project, 'system', 'assets'));
  if (movie.manifest.pipl?.kind !== 'product') throw new Error('@film/movie is no product.');
  const { path } = await store.checkout({
    reference: movie.manifest.pipl.assets['movie']!,
    to: join(temp, 'out'),
    mode: 'copy',
  });
  const { frames, width, height } = await decodeFrames(path);
  expect([width, height]).toEqual([320, 180]);
  expect(frames).toHaveLength(48);
  expect(frames.filter(({ deviation }) => deviation < 8)).toEqual([]);
  expect(frames.slice(1).filter(({ change }) => change < 0.2)).toEqual([]);
});

test('told again on another project, every product has the same bytes', { timeout: 200_000 }, async () => {
  const again = await tellBunny(join(temp, 'again'), silent);
  try {
    const [first, second] = [await productRows(story.url), await productRows(again.url)].map(digests);
    expect(Object.keys(first!)).toHaveLength(19);
    expect(second).toEqual(first);
  } finally {
    await pipl(['proj', 'stop'], { cwd: again.project });
  }
});

test('each product has the versions that the story made, and no other', async () => {
  const expected = JSON.parse(
    await readFile(join(import.meta.dirname, '../expected.json'), 'utf8'),
  ) as object;
  const versions: Record<string, string[]> = {};
  for (const { name, version, manifest } of await productRows(story.url)) {
    if (manifest.pipl?.kind === 'product') (versions[name] ??= []).push(version);
  }
  for (const list of Object.values(versions)) list.sort((a, b) => a.localeCompare(b));
  expect(versions).toEqual(expected);
});

const productRows = async (url: string): Promise<readonly Row[]> =>
  (await connect({ url }).rows(indexName('root/PROJ'))).rows;

/** `name@version` → asset → digest */
function digests(rows: readonly Row[]): Record<string, Record<string, string>> {
  const products = rows.flatMap(({ name, version, manifest }) =>
    manifest.pipl?.kind === 'product'
      ? [
          [
            `${name}@${version}`,
            Object.fromEntries(
              Object.entries(manifest.pipl.assets).map(([asset, { digest }]) => [asset, digest]),
            ),
          ] as const,
        ]
      : [],
  );
  return Object.fromEntries(products.toSorted(([a], [b]) => a.localeCompare(b)));
}
