/** What made it, what was made of it, and is it true: from the command line, on one served project. */
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Film, makeFilm, typedIn } from './film.ts';

let film: Film;
let found: string;
const { run, refused } = typedIn(() => film);

const job = (script: string, parameters: readonly string[]): string =>
  JSON.stringify({
    specificationVersion: 'jobtemplate-2023-09',
    name: 'shell',
    parameterDefinitions: parameters.map((name) => ({ name, type: 'PATH' })),
    steps: [
      { name: 'write', script: { actions: { onRun: { command: 'sh', args: ['-eu', '-c', script] } } } },
    ],
  });
const note = { type: '@film/pipeline#Note', assets: { text: { type: 'Text', kind: 'file' } } };

beforeAll(async () => {
  film = await makeFilm();
  const folders = [
    film.packl(
      '@film/pipeline',
      {
        exports: { '.': './index.js' },
        pipl: { kind: 'code', productTypes: { Note: '.#Note' }, taskTypes: { Shell: '.#Shell' } },
      },
      { 'index.js': 'export const Note = 1, Shell = 2;\n' },
    ),
    film.packl(
      '@film/first',
      {
        dependencies: { '@film/pipeline': '^1.0.0' },
        pipl: {
          kind: 'task',
          type: '@film/pipeline#Shell',
          products: { note: '@film/note' },
          job: './job.json',
          makes: { note },
        },
      },
      { 'job.json': job('echo hello > "{{Param.Out_note}}/text/n"', ['Out_note']) },
    ),
    film.packl(
      '@film/second',
      {
        dependencies: { '@film/pipeline': '^1.0.0', '@film/note': '^1.0.0' },
        pipl: {
          kind: 'task',
          type: '@film/pipeline#Shell',
          inputs: { note: '@film/note' },
          products: { loud: '@film/loud' },
          job: './job.json',
          makes: { loud: note },
        },
      },
      {
        'job.json': job('tr a-z A-Z < "{{Param.In_note}}/text/n" > "{{Param.Out_loud}}/text/n"', [
          'In_note',
          'Out_loud',
        ]),
      },
    ),
  ];
  await run(`packl publish ${folders.join(' ')}`);
  await run('runs -f');
  found = join(film.project, 'found.txt');
  writeFileSync(found, 'HELLO\n');
}, 540_000);
afterAll(() => film?.[Symbol.asyncDispose]());

/** Runs and times differ from day to day. */
const plain = (text: string): string =>
  text.replaceAll(/run [0-9a-f]{32}\.1/g, 'run R').replaceAll(/, \d{4}-\d\d-\d\d \d\d:\d\d/g, ', T');

test('lineage is a tree, up to the sources or down to everything made of it', async () => {
  expect(plain(await run('lineage up @film/loud'))).toBe(
    [
      '@film/loud@1.0.0  product in root/PROJ, made by @film/second@1.0.0, run R, T',
      '├─ @film/second@1.0.0  task in root/PROJ, published',
      '└─ @film/note@1.0.0  product in root/PROJ, made by @film/first@1.0.0, run R, T',
      '   └─ @film/first@1.0.0  task in root/PROJ, published',
      '',
    ].join('\n'),
  );
  expect(plain(await run('lineage down @film/first@1.0.0'))).toContain('   └─ @film/loud@1.0.0  product');
  expect(await run('lineage up @film/loud --code')).toContain('@film/pipeline@1.0.0  code in root/PROJ');
  expect(plain(await run(`lineage up ${found}`))).toContain('@film/loud@1.0.0  product');
  const { json } = await film.pipl(['lineage', 'down', '@film/note', '--json'], { cwd: film.project });
  expect(json.data).toMatchObject({
    roots: ['@film/note@1.0.0'],
    edges: [{ from: '@film/loud@1.0.0', to: '@film/note@1.0.0', as: 'input' }],
  });
  expect(await refused('lineage up @film/nothing')).toEqual([3, 'PIPL_NO_VERSION']);
});

test('a file is verified back to its sources: with the server, with a bundle, and without either', async () => {
  const bundle = join(film.project, 'bundle.json');
  const told = plain(await run(`verify ${found} --save-bundle ${bundle}`));
  expect(told).toContain(`${found} (6 bytes) is @film/loud@1.0.0/text/n`);
  expect(told).toContain('└─ @film/first@1.0.0  published, signed');
  expect(told.trimEnd().split('\n').at(-1)).toBe('Every step is signed: 6 versions, 2 statements of runs.');
  expect(plain(await run('verify @film/loud'))).toContain(
    'made by @film/second@1.0.0, run R, T, caused by root',
  );
  const { json } = await film.pipl(['verify', found, '--json'], { cwd: film.project });
  expect(json.data).toMatchObject({ root: '@film/loud@1.0.0', offline: false, also: [] });
  expect(await run('verify @film/loud --sources')).toContain('Every step is signed');

  await run('proj stop');
  expect(await run(`verify ${found}`)).toContain('Every step is signed');
  expect(await run(`verify ${found} --bundle ${bundle}`)).toContain('Every step is signed');
  appendFileSync(found, '!');
  expect(await refused(`verify ${found}`)).toEqual([3, 'PIPL_UNKNOWN_CONTENT']);
  await run('proj start --detach');
  expect(await refused(`verify ${found}`)).toEqual([3, 'PIPL_UNKNOWN_CONTENT']);
});

test('runs are done again when somebody says which; equal content is no version', async () => {
  expect(plain(await run('rerun --where task=@film/* -n')).replaceAll(/\([0-9a-f.]+\)/g, '(R)')).toBe(
    [
      '@film/first@1.0.0  root/PROJ  would run again  (R)',
      '@film/second@1.0.0  root/PROJ  would run again  (R)',
      '',
    ].join('\n'),
  );
  await run('rerun --where task=@film/first');
  await run('runs -f');
  expect(await run('runs @film/first')).toMatch(/= @film\/first@1\.0\.0 +unchanged/);
  expect(await refused('rerun --where task')).toEqual([2, 'PIPL_WHERE']);
  expect(await refused('rerun --since yesterday')).toEqual([2, 'PIPL_SINCE']);
});
