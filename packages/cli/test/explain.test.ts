/** Before a publish, what follows; after a run, why, with what, and what else; its failing action in a shell. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Film, makeFilm } from './film.ts';

let film: Film;
let task: string;

const job = (script: string) =>
  JSON.stringify({
    specificationVersion: 'jobtemplate-2023-09',
    name: 'note',
    parameterDefinitions: [{ name: 'Out_note', type: 'PATH' }],
    steps: [
      {
        name: 'write',
        script: { actions: { onRun: { command: 'sh', args: ['-c', script, 'x', '{{Param.Out_note}}'] } } },
      },
    ],
  });
const makes = { note: { type: '@film/pipeline#Note', assets: { text: { type: 'Text', kind: 'file' } } } };
const manifest = (version: string) => ({
  version,
  dependencies: { '@film/pipeline': '^1.0.0' },
  pipl: {
    kind: 'task',
    type: '@film/pipeline#Write',
    products: { note: '@film/note' },
    job: './job.json',
    makes,
  },
});

beforeAll(async () => {
  film = await makeFilm();
  const pipeline = film.packl(
    '@film/pipeline',
    {
      exports: './index.js',
      pipl: { kind: 'code', productTypes: { Note: '.#Note' }, taskTypes: { Write: '.#Write' } },
    },
    { 'index.js': 'export const Note = 1, Write = 2;\n' },
  );
  task = film.packl('@film/write', manifest('1.0.0'), { 'job.json': job('echo one > "$1/text/n"') });
  const { status, err } = await film.pipl(['packl', 'publish', pipeline], { cwd: task });
  if (status !== 0) throw new Error(err);
});
afterAll(() => film[Symbol.asyncDispose]());

const lines = async (args: readonly string[], status = 0, input = '') => {
  const ended = await film.pipl(args, { cwd: task, input });
  expect([ended.status, ended.err]).toEqual([status, status === 0 ? expect.any(String) : expect.anything()]);
  return ended.out.trimEnd().split('\n');
};
const json = async (args: readonly string[]): Promise<Record<string, unknown>> => {
  const { json: document } = await film.pipl([...args, '--json'], { cwd: task });
  expect(document.ok).toBe(true);
  return document.data;
};

test('a dry run tells the wave, which then follows; the next one knows how long it takes', async () => {
  expect(await lines(['packl', 'publish', '--dry-run'])).toEqual([
    expect.stringContaining('@film/write@1.0.0 would go to root/PROJ'),
    '  job.json',
    '  package.json',
    'Then:',
    '  @film/write  first run, on local         makes @film/note 1.0.0',
  ]);
  expect(await lines(['runs'])).toEqual(['']);
  await lines(['packl', 'publish']);
  expect((await lines(['runs', '-f']))[0]).toContain('@film/write@1.0.0');
  expect(await lines(['plan', '--task', '@film/write'])).toEqual([
    expect.stringMatching(/^ {2}@film\/write {2}1 run, about \d+ m?s on local +makes @film\/note 1\.0\.1$/),
  ]);
  expect((await json(['plan', '@film/write']))['plan']).toMatchObject({ runs: [] });
});

test('a run that fails says why, in what it differs, and opens a shell where it failed', async () => {
  film.packl('@film/write', manifest('1.1.0'), { 'job.json': job('echo "$1" is wrong; exit 4') });
  await lines(['packl', 'publish']);
  await film.pipl(['runs', '-f'], { cwd: task });
  const [newest, oldest] = (await json(['runs'])) as unknown as { attempt: string }[];
  const why = await lines(['why', newest!.attempt]);
  expect(why[0]).toContain('@film/write failed at');
  expect(why.at(-1)).toBe('  The task is not tried again with these inputs until somebody asks for it.');
  expect((await lines(['why', '@film/write', '@film/pipeline']))[0]).toBe(
    '@film/write asks for @film/pipeline ^1.0.0 and reads 1.0.0.',
  );
  const diff = await lines(['diff', oldest!.attempt, newest!.attempt]);
  expect(diff).toContain('  @film/write 1.0.0 → 1.1.0');
  expect(diff.join('\n')).toContain('steps.0.script.actions.onRun.args.1 echo one');
  await json(['diff', oldest!.attempt, '@film/write']);
  const then = await json(['resolve', '@film/write', '--at', new Date().toISOString()]);
  expect(then).toMatchObject({ version: '1.1.0', lock: { direct: { '@film/pipeline': '1.0.0' } } });
  expect(await json(['packl', 'show', '@film/write', '--at', String(Number(then['seq']))])).toMatchObject({
    version: '1.1.0',
  });

  const input = 'pwd; cat "$PIPL_ACTION"; "$PIPL_ACTION"; exit $?\n';
  const folder = join(film.folder, 'again');
  const shell = await lines(['run', 'reproduce', '@film/write', '--shell', '--in', folder], 4, input);
  expect(shell[0]).toContain(folder);
  expect(shell.at(-1)).toBe(`${folder}/work/outputs/note is wrong`);
  const again = await json(['run', 'reproduce', oldest!.attempt, '--rerun']);
  expect(again).toMatchObject({ made: [{ product: '@film/note', asset: 'text', is: 'equal' }] });
});
