/** The life of versions: history, changesets, releases of a workspace, sources that come back, files that go out. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Film, hashOf, makeFilm } from './film.ts';
import { atHome, doneHere, piplHere } from './here.ts';

let film: Film;
let workspace: string;
let grade: string;
beforeAll(async () => {
  film = await makeFilm();
  atHome(film);
  workspace = join(film.project, 'workspaces', 'film');
  await doneHere('packl create @film/grade', { cwd: workspace });
  grade = join(workspace, 'grade');
  writeFileSync(join(grade, 'src/index.ts'), 'export const gamma: number = 2;\n');
  await doneHere('packl bump release first', { cwd: grade });
  await doneHere('packl publish', { cwd: grade });
});
afterAll(() => film?.[Symbol.asyncDispose]());

const manifest = (folder: string) =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string } & Record<
    string,
    unknown
  >;
const errorHere = async (line: string, cwd: string) => {
  const before = hashOf(film.folder);
  const { status, out } = await piplHere([...line.split(' '), '--json'], { cwd });
  expect(hashOf(film.folder)).toBe(before);
  return {
    status,
    ...(JSON.parse(out) as { error: { code: string; why: string; problems?: string[] } }).error,
  };
};

test('packl log tells every edit, of the packl here and of a published one; --verify finds an edit by hand', async () => {
  const here: { comment: string }[] = await doneHere('packl log', { cwd: grade });
  expect(here.map(({ comment }) => comment)).toEqual(['created', 'first']);
  expect(await doneHere('packl log @film/grade@0.0.1', { cwd: workspace })).toEqual(here);
  expect(await doneHere('packl log --verify', { cwd: grade })).toEqual({ lines: 2, unrecorded: [] });
  writeFileSync(join(grade, 'package.json'), JSON.stringify({ ...manifest(grade), description: 'by hand' }));
  expect(await errorHere('packl log --verify', grade)).toMatchObject({
    status: 7,
    code: 'PIPL_HISTORY_DIFFERS',
    problems: ['+ /description "by hand"'],
  });
  const said = await piplHere(['packl', 'check'], { cwd: grade });
  expect(said.err).toContain('warning: ');
  await doneHere(['packl', 'log', '--record', '-m', 'says what it is'], { cwd: grade });
  expect((await piplHere(['packl', 'log'], { cwd: grade })).out).toMatch(
    /says what it is \(by hand\)\n +\+ \/description/,
  );
});

test('changes become versions, of dependents too, and one release', async () => {
  await doneHere('packl create @film/look', { cwd: workspace });
  const look = join(workspace, 'look');
  await doneHere('packl add @film/grade --exact', { cwd: look });
  await doneHere('packl bump release', { cwd: look });
  await doneHere('packl publish', { cwd: look });
  expect(await errorHere('packl version', workspace)).toMatchObject({ status: 3, code: 'PIPL_NO_CHANGES' });
  expect(await errorHere('packl change minor @film/nothing -m x', workspace)).toMatchObject({ status: 3 });

  await doneHere(['packl', 'change', 'minor', '-m', 'softer blacks'], { cwd: grade });
  const plan: { versions: object[] } = await doneHere('packl version --dry-run', { cwd: workspace });
  expect(plan.versions).toMatchObject([
    { name: '@film/grade', from: '0.0.1', to: '0.1.0', comment: 'softer blacks', ranges: {} },
    { name: '@film/look', from: '0.0.1', to: '0.0.2', ranges: { '@film/grade': '0.1.0' } },
  ]);
  expect(manifest(grade).version).toBe('0.0.1');
  expect(await doneHere('packl version', { cwd: workspace })).toEqual(plan);
  expect([manifest(grade).version, manifest(look)]).toMatchObject([
    '0.1.0',
    { version: '0.0.2', dependencies: { '@film/grade': '0.1.0' } },
  ]);
  expect(readdirSync(join(workspace, '.changeset'))).toEqual([]);
  for (const folder of [grade, look]) await doneHere('packl log --verify', { cwd: folder });

  const done: { published: { name: string; seq: number }[] } = await doneHere('packl publish', {
    cwd: workspace,
  });
  expect(done.published.map(({ name }) => name)).toEqual(['@film/grade', '@film/look']);
  expect(await errorHere('packl publish', workspace)).toMatchObject({
    code: 'PIPL_NOTHING_TO_PUBLISH',
    status: 3,
  });
});

test('tarballs keep their sources: edited elsewhere, published again; a stale base is refused with what changed', async () => {
  await doneHere('work create other', { cwd: film.project });
  const other = join(film.project, 'workspaces', 'other');
  const edited: { folder: string } = await doneHere('packl edit @film/grade', { cwd: other });
  expect(readdirSync(edited.folder).toSorted()).toEqual([
    '.pipl-base.json',
    '.pipl-history.jsonl',
    'package.json',
    'src',
  ]);
  expect(readFileSync(join(edited.folder, 'src/index.ts'), 'utf8')).toBe('export const gamma: number = 2;\n');
  writeFileSync(join(edited.folder, 'src/index.ts'), 'export const gamma: number = 3;\n');
  await doneHere(['packl', 'bump', 'patch', '-m', 'more contrast'], { cwd: edited.folder });
  await doneHere('packl publish', { cwd: edited.folder });

  await doneHere('packl bump patch', { cwd: grade });
  await doneHere('packl bump patch', { cwd: grade });
  const refused = await errorHere('packl publish', grade);
  expect(refused).toMatchObject({ status: 4, code: 'PIPL_STALE_BASE' });
  expect(refused.problems).toEqual([
    expect.stringMatching(/more contrast$/),
    'changed: package.json',
    'changed: src/index.ts',
  ]);
  expect(await errorHere('packl publish --dry-run', grade)).toMatchObject({ code: 'PIPL_STALE_BASE' });
  await doneHere('packl edit @film/grade --merged', { cwd: grade });
  await doneHere('packl publish', { cwd: grade });
});

test('packl get brings the files of a version out, without a workspace, whole or not at all', async () => {
  const frames = join(film.folder, 'frames');
  const pipeline = film.packl(
    '@film/pipeline',
    {
      exports: { './types': './types.js' },
      pipl: { kind: 'code', productTypes: { Frames: './types#Frames' } },
    },
    { 'types.js': 'export const Frames = 1;\n' },
  );
  await doneHere(['packl', 'publish', pipeline], { cwd: workspace });
  await doneHere('packl create @film/still --kind product --type @film/pipeline#Frames --version 1.0.0', {
    cwd: workspace,
  });
  writeFileSync(join(film.folder, 'a.png'), 'pixels');
  const still = join(workspace, 'still');
  await doneHere(['asset', 'add', 'beauty', join(film.folder, 'a.png')], { cwd: still });
  await doneHere('packl publish', { cwd: still });

  const got: { assets: { beauty: string } } = await doneHere(['packl', 'get', '@film/still', frames], {
    cwd: film.project,
  });
  expect(got.assets).toEqual({ beauty: join(frames, 'beauty/a.png') });
  writeFileSync(got.assets.beauty, 'mine now');
  expect(await errorHere(`packl get @film/still ${frames}`, film.project)).toMatchObject({ status: 4 });
  expect(await errorHere('packl get @film/nothing away', film.project)).toMatchObject({ status: 11 });
  await doneHere(['packl', 'get', '@film/grade@0.0.1', join(film.folder, 'code')], { cwd: film.project });
  expect(existsSync(join(film.folder, 'code/dist/index.js'))).toBe(true);
});

test('packl list and packl check say what is there and what keeps a packl back', async () => {
  const listed: { name: string }[] = await doneHere('packl ls', { cwd: workspace });
  expect(listed.map(({ name }) => name)).toContain('@film/still');
  expect((await piplHere(['packl', 'list', '--versions'], { cwd: workspace })).out).toMatch(
    /grade\t0\.0\.1 0\.1\.0 /,
  );
  const bad = film.packl('@film/bad', {
    version: '1.0.0-wip.1',
    dependencies: { x: 'link:../x' },
    pipl: { kind: 'code' },
  });
  const { status, out } = await piplHere(['packl', 'check', '--json'], { cwd: bad });
  const [{ problems } = { problems: [] }] = (JSON.parse(out) as { data: { problems: { code: string }[] }[] })
    .data;
  expect([status, problems.map(({ code }) => code)]).toEqual([7, ['PIPL_WORK_IN_PROGRESS', 'PIPL_RANGE']]);
});

test("the original's upload publishes with a password, and warns", async () => {
  const old = film.packl('@film/old', { pipl: { kind: 'code' } });
  const { status, err } = await piplHere(['packl', 'upload', '', '-u', 'root', '-p', old], {
    cwd: workspace,
  });
  expect([status, err]).toEqual([0, expect.stringContaining('warning: A password as an argument')]);
});
