/** `--dry-run` of every command that writes: it says what would be written, and nothing is. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tellThemselves, tried, untried } from '../src/writing.ts';
import { type Film, hashOf, makeFilm } from './film.ts';
import { atHome, doneHere, piplHere } from './here.ts';
import { everyCommand } from './reference.ts';

let film: Film;
let backup: string;
const at = (name: string) => join(film.project, 'workspaces/film', name);
const failing = JSON.stringify({
  specificationVersion: 'jobtemplate-2023-09',
  name: 'fails',
  parameterDefinitions: [{ name: 'Out_note', type: 'PATH' }],
  steps: [{ name: 'fail', script: { actions: { onRun: { command: 'false' } } } }],
});

beforeAll(async () => {
  film = await makeFilm();
  atHome(film);
  backup = join(film.folder, 'backup');
  const done = (line: string) => doneHere(line, { cwd: film.project });
  // Who is logged in need not log in to try something, which the server would write down.
  for (const line of ['proj user set root --password-stdin', 'login root --password-stdin'])
    await film.pipl(line.split(' '), { cwd: film.project, input: 'turnip\n' });
  const types = { productTypes: { Note: '.#Note' }, taskTypes: { Fail: '.#Fail' } };
  const pipeline = film.packl(
    '@film/pipeline',
    { exports: { '.': './index.js' }, pipl: { kind: 'code', ...types } },
    { 'index.js': 'export const Note = 1, Fail = 2;\n' },
  );
  const dependencies = { '@film/pipeline': '^1.0.0' };
  const makes = { note: { type: '@film/pipeline#Note', assets: { text: { type: 'Text', kind: 'file' } } } };
  const task = { kind: 'task', type: '@film/pipeline#Fail', products: { note: '@film/note' } };
  const fails = film.packl(
    '@film/fails',
    { dependencies, pipl: { ...task, job: './job.json', makes } },
    { 'job.json': failing },
  );
  film.packl(
    '@film/picture',
    { dependencies, pipl: { kind: 'product', type: '@film/pipeline#Note' } },
    { 'a.txt': 'a' },
  );
  film.packl('@film/tool', { pipl: { kind: 'code' } });
  await done(`packl publish ${pipeline}`);
  await done(`packl publish ${fails}`);
  await doneHere('asset add text a.txt', { cwd: at('picture') });
  await done('proj index create root/stage');
  await done('proj index create root/old --volatile');
  await done('proj group set crew root');
  await done('proj handler add root/stage qa');
  await done('proj reach add films.example.org');
  await done(`proj backup ${backup}`);
  await done('work create spare');
  await until(async () => ((await done('runs')) as { state: string }[])[0]?.state === 'failed');
}, 540_000);
afterAll(() => film?.[Symbol.asyncDispose]());

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 60_000; Date.now() < end; await pause(50)) if (await holds()) return;
  throw new Error('it never came to be');
}

/** Its words, what follows them, where it stands, what it would write. */
const table: readonly (readonly [string, string, string, RegExp])[] = [
  ['add', '@film/pipeline', 'tool', /^edit .*added @film\/pipeline \^1\.0\.0/],
  ['approve', '@film/pipeline@1.0.0', '', /^send POST .*approved/],
  ['asset add', 'text a.txt', 'picture', /^store the asset text of @film\/picture/],
  ['packl add', '@film/pipeline', 'tool', /^edit .*added @film\/pipeline/],
  ['packl bump', 'patch', 'tool', /^edit .*1\.0\.1/],
  ['packl change', 'minor @film/tool -m better', 'tool', /^write down minor for @film\/tool/],
  ['packl create', '@film/new', '', /^make the code packl @film\/new@0\.0\.1-wip\.0 in /],
  ['packl edit', '@film/pipeline', '../spare', /^make the folder .*spare\/pipeline/],
  ['packl get', '@film/pipeline out', '', /^make the folder .*out/],
  ['packl log', '--record -m found', 'tool', /^edit .*tool: found/],
  ['packl upload', '', 'tool', /^send POST .*release.*@film\/tool/],
  ['proj backup', 'elsewhere', '', /^back film up to .*elsewhere/],
  ['proj create', '../../../other', '', /^make a project in .*other/],
  ['proj gate remove', 'root/stage', '', /^send POST .*gates\/remove.*root\/stage/],
  ['proj gate set', 'root/PROJ --checks --approval :crew', '', /^send POST .*gates.*root\/PROJ.*:crew/],
  ['proj group remove', 'crew', '', /^send DELETE .*crew/],
  ['proj group set', 'crew alice', '', /^send PUT .*crew.*alice/],
  ['proj handler add', 'root/stage command --name tell -- true {name}', '', /^write .*\.pipl|^send /],
  ['proj handler remove', 'root/stage qa', '', /^write .*\.pipl|^send /],
  ['proj handler retry', 'h1', '', /^send POST .*h1/],
  ['proj handler test', 'root/stage qa @film/pipeline@1.0.0', '', /^send POST /],
  ['proj index create', 'root/more', '', /^send PUT .*root\/more/],
  ['proj index create-sub', 'SUB', '', /^send PUT .*root\/SUB/],
  ['proj index remove', 'root/old', '', /^send DELETE .*root\/old/],
  ['proj index set', 'root/stage --read root', '', /^send (?:PUT|POST) .*root\/stage/],
  ['proj keys rotate', '', '', /^send POST .*keys/],
  ['proj reach add', 'more.example.org', '', /^send .*more\.example\.org/],
  ['proj reach remove', 'films.example.org', '', /^send .*films\.example\.org/],
  ['proj restore', '../backup ../again', '', /^make a project in .*again from .*backup/],
  ['proj token create', 'laptop', '', /^send POST .*laptop/],
  ['proj token revoke', 't1', '', /^send DELETE .*t1/],
  ['proj user add', 'bob --password-stdin', '', /^send PUT .*bob.*"password":"…"/],
  ['proj user remove', 'root', '', /^send DELETE .*root/],
  ['proj user set', 'root -e root@example.org', '', /^send .*root@example\.org/],
  ['proj webhook add', 'http://127.0.0.1:9/', '', /^send POST .*127\.0\.0\.1:9/],
  ['proj webhook redeliver', 'w1', '', /^send POST .*w1/],
  ['proj webhook remove', 'w1', '', /^send DELETE .*w1/],
  ['proj webhook test', 'w1', '', /^send POST .*w1/],
  ['retake', '@film/pipeline@1.0.0', '', /^send POST .*retake/],
  ['run retry', '@film/fails', '', /^send POST .*retry/],
  ['task create', 'shot @film/pipeline#Fail', '../spare', /^make the task packl .*shot/],
  ['update', '', '', /pnpm/],
  ['work create', 'more', '', /^make the workspace .*more/],
  ['work create-area', '../area', '', /^make the workarea .*area/],
  ['work offline', '', '', /pnpm/],
  ['work remove', 'spare', '..', /^remove .*spare/],
  ['work sync', '', '', /pnpm/],
  ['work update', '', '', /pnpm/],
];
/** Here nothing is to be done: they say so, and do nothing. */
const nothingToDo: readonly (readonly [string, string, string])[] = [
  ['asset migrate', '', 'picture'],
  ['proj index create-default', '', ''],
  ['run cancel', '@film/fails', ''],
];

test('every command that writes is in the tables, and every command that is there', async () => {
  const commands = (await everyCommand()).map(({ words }) => words);
  const known = [...tried, ...tellThemselves, ...Object.keys(untried)];
  expect(known.filter((words) => !commands.includes(words))).toEqual([]);
  expect(new Set(known).size).toBe(known.length);
  expect([...table, ...nothingToDo].map(([words]) => words).toSorted()).toEqual([...tried].toSorted());
  const offering = (await everyCommand())
    .filter(({ command }) => command.options.some(({ long }) => long === '--dry-run'))
    .map(({ words }) => words);
  expect(offering.toSorted()).toEqual([...tried, ...tellThemselves].toSorted());
});

/** Everything that a command could change: the project and what is beside it, and what the server knows. */
async function everything(): Promise<unknown> {
  const asked = [
    'proj user list',
    'proj group list',
    'proj token list',
    'proj webhook list',
    'proj keys list',
  ];
  const more = [
    'proj index list-indexes',
    'proj reach list',
    'proj gate list',
    'proj handler list',
    'runs',
    'proj audit',
  ];
  const answers: unknown[] = [];
  for (const line of [...asked, ...more]) answers.push(await doneHere(line, { cwd: film.project }));
  return { hash: hashOf(film.folder), answers };
}

test.each([...table, ...nothingToDo.map((row) => [...row, undefined] as const)])(
  '%s',
  async (words, rest, folder, would) => {
    const before = await everything();
    const args = [...words.split(' '), '--dry-run', '--json', ...rest.split(' ').filter(Boolean)];
    // Only a process of its own has a stdin.
    const ended = rest.includes('-stdin')
      ? await film.pipl(args, { cwd: at(folder), input: 'turnip\n' })
      : await piplHere(args, { cwd: at(folder) });
    expect([ended.status, ended.out]).toEqual([0, expect.any(String)]);
    const { data } = JSON.parse(ended.out) as { data: { would?: string } };
    expect(data.would ?? 'nothing').toMatch(would ?? /^nothing$/);
    expect(await everything()).toEqual(before);
  },
);

test('what cannot be tried says why', async () => {
  mkdirSync(join(film.folder, 'plain'));
  writeFileSync(join(film.folder, 'plain/x'), '');
  for (const [words, why] of Object.entries(untried)) {
    const ended = await piplHere([...words.split(' '), '-n', '--json'], { cwd: film.project });
    expect(JSON.parse(ended.out)).toMatchObject({ error: { code: 'PIPL_NO_DRY_RUN', why } });
  }
});
