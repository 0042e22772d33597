/** `pipl-step` as it is published: the bundle, in a tree of links, called from elsewhere. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Ended, readText, startStepTree, type StepTree } from './step-tree.ts';

let tree: StepTree;
let context: Record<'PIPL_CONTEXT', string>;
let pages: string;
let text: string;

beforeAll(() => void (tree = startStepTree()));
afterAll(() => tree[Symbol.dispose]());
beforeEach(() => (context = contextWith({ pages: '1-6', mood: 'good' })));

function contextWith(parameters: unknown): Record<'PIPL_CONTEXT', string> {
  [pages, text] = [join(tree.folder, 'run/pages'), join(tree.folder, 'run/text')];
  for (const dir of [pages, text]) {
    rmSync(dir, { recursive: true, force: true });
    mkdirSync(dir, { recursive: true });
  }
  const note = (name: string) => ({
    name: `@film/${name}`,
    version: '1.0.0',
    type: '@film/press/types#Text',
    assets: { note: { kind: 'file', type: 'Note', dir: tree.folder, path: tree.write(`${name}.txt`, name) } },
  });
  const file = {
    task: { name: '@film/print', version: '1.0.0' },
    parameters,
    inputs: { text: note('words'), others: [note('more'), note('most')] },
    outputs: {
      book: {
        name: '@film/book',
        version: '1.0.1',
        type: '@film/press/types#Book',
        assets: { pages: { kind: 'sequence', type: 'Pages', dir: pages } },
      },
      text: {
        name: '@film/text',
        version: '1.0.1',
        type: '@film/press/types#Text',
        assets: { note: { kind: 'file', type: 'Note', dir: text } },
      },
    },
  };
  return { PIPL_CONTEXT: tree.write('context.json', JSON.stringify(file)) };
}

const describe = (type: string, parameters: unknown = {}): Promise<Ended> =>
  tree.step(['describe', tree.write('request.json', JSON.stringify({ type, parameters }))]);
const refusal = ({ code, stderr }: Ended): unknown => ({
  exit: code,
  ...JSON.parse(stderr.trimEnd().split('\n').at(-1)!),
});

test('describes a task without running it', async () => {
  const { code, stdout } = await describe('@film/press/print#Print', { pages: '1-4' });

  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    template: expect.objectContaining({
      name: 'Print',
      steps: [expect.anything(), expect.objectContaining({ name: 'pipl checks' })],
    }),
    parameters: { pages: '1-4', mood: 'good' },
    inputs: {
      text: { type: '@film/press/types#Text', many: false },
      others: { type: '@film/press/types#Text', many: true },
    },
    products: {
      book: {
        type: '@film/press/types#Book',
        declaredBy: { name: '@film/press', version: '1.2.0' },
        assets: { pages: { type: 'Pages', kind: 'sequence' } },
      },
    },
    commands: { read: { label: 'Read it' } },
    checks: ['six pages', 'the cover is there'],
  });
});

test('finds a type by its name in taskTypes too', async () => {
  expect((await describe('@film/press#Print')).code).toBe(0);
});

test.each([
  ['@film/press/print#Prnt', 'PIPL_NO_SUCH_TYPE', /Print \(.\/print#Print\), Forget \(.\/print#Forget\)/],
  ['@film/other/print#Print', 'PIPL_PACKL_NOT_INSTALLED', /node_modules\/@film\/other/],
  ['nonsense', 'PIPL_TYPE_NAME', /<packl>\/<module>#<Name>/],
  ['@film/press/print#Gone', 'PIPL_TYPE_NOT_LOADED', /exports Forget, Print, Secret, notAType/],
  ['@film/press/print#notAType', 'PIPL_TYPE_NOT_LOADED', /not something that defineTaskType returned/],
  ['@film/press/broken#Broken', 'PIPL_TYPE_NOT_LOADED', /no-such-module/],
  ['@film/press/print#Secret', 'PIPL_PRODUCT_TYPE_UNLISTED', /pipl.productTypes/],
])('refuses %s', async (type, code, why) => {
  expect(refusal(await describe(type))).toMatchObject({
    exit: 7,
    code,
    kind: 'invalid',
    why: expect.stringMatching(why),
  });
});

test('tells what a product of a type has', async () => {
  const { code, stdout } = await tree.step(['promises', '@film/press#Book']);
  expect([code, JSON.parse(stdout)]).toEqual([
    0,
    { by: '@film/press@1.2.0', assets: { pages: { type: 'Pages', kind: 'sequence' } } },
  ]);
});

test.each([
  ['@film/press#Bok', 'PIPL_NO_SUCH_TYPE', /Text \(.\/types#Text\), Book \(.\/types#Book\), Odd/],
  ['@film/press#Odd', 'PIPL_TYPE_NOT_LOADED', /not something that defineProductType returned/],
])('refuses to say what %s promises', async (type, code, why) => {
  expect(refusal(await tree.step(['promises', type]))).toMatchObject({
    exit: 7,
    code,
    why: expect.stringMatching(why),
  });
});

test('refuses parameters that do not fit, each with its path', async () => {
  expect(refusal(await describe('@film/press/print#Print', { pages: 3, mood: 'sad' }))).toMatchObject({
    exit: 7,
    code: 'PIPL_PARAMETERS',
    problems: [expect.stringMatching(/^pages: /), expect.stringMatching(/^mood: /)],
  });
  expect(refusal(await describe('@film/press/print#Forget', { x: 1 }))).toMatchObject({
    problems: ['x: Forget takes no parameters'],
  });
  expect(refusal(await describe('@film/press/print#Print', { pages: 'all' }))).toMatchObject({
    code: 'PIPL_TEMPLATE',
  });
});

test('runs a step on a chunk of its points and tells progress', async () => {
  const { code, stdout, stderr } = await tree.step(
    ['run', '@film/press/print#Print', 'print', '2,4-5', 'verso'],
    context,
  );

  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(readdirSync(pages).toSorted()).toEqual(['book.0002.txt', 'book.0004.txt', 'book.0005.txt']);
  expect(readText(join(pages, 'book.0004.txt'))).toBe('4 verso words more most');
  expect(stdout.split('\n').slice(0, 4)).toEqual([
    'openjd_progress: 16.7',
    'openjd_status: page 2 of many',
    'openjd_progress: 33.3',
    'openjd_progress: 50',
  ]);
});

test('says what a step threw, at which point and in which line of the packl', async () => {
  const { code, stdout, stderr } = await tree.step(
    ['run', '@film/press/print#Print', 'print', '2', 'verso'],
    contextWith({ pages: '1-6', mood: 'bad' }),
  );

  expect(code).toBe(1);
  expect(stdout).toContain('openjd_fail: step print, page 2, side verso: out of ink (print.js:13)\n');
  expect(stderr).toContain('Error: out of ink');
});

test('says which output is missing when the last step has ended', async () => {
  const { code, stdout } = await tree.step(['run', '@film/press/print#Forget', 'forget'], context);

  expect(code).toBe(1);
  expect(stdout).toContain(
    'openjd_fail: output text.note must be exactly one file; its folder holds nothing\n',
  );
});

test('checks pass, or all that fail are told at once', async () => {
  await tree.step(['run', '@film/press/print#Print', 'print', '1-6', 'recto'], context);
  expect((await tree.step(['check', '@film/press/print#Print'], context)).code).toBe(0);

  rmSync(join(pages, 'book.0001.txt'));
  const { code, stdout } = await tree.step(['check', '@film/press/print#Print'], context);
  expect(code).toBe(1);
  expect(stdout).toContain(
    'openjd_fail: check "six pages": 5 pages (print.js:20); check "the cover is there": no cover (print.js:22)\n',
  );

  for (const name of readdirSync(pages)) rmSync(join(pages, name));
  const empty = await tree.step(['check', '@film/press/print#Print'], context);
  expect(empty.stdout).toContain(
    'openjd_fail: output book.pages must be at least one frame; its folder holds nothing\n',
  );
});

test('runs a command for people', async () => {
  expect(await tree.step(['command', '@film/press/print#Print', 'read'], context)).toEqual({
    code: 0,
    stdout: 'book\n',
    stderr: '',
  });
});

test.each([
  [['run', '@film/press/print#Print', 'print', '1'], /2 arguments expected, 1 given/],
  [['run', '@film/press/print#Print', 'bind'], /has no step bind. It has print/],
  [['command', '@film/press/print#Print', 'sing'], /has no command sing. It has read/],
  [['dance'], /called wrongly/],
])('%j fails in words', async (args, words) => {
  const { code, stdout } = await tree.step(args, context);
  expect(code).toBe(1);
  expect(stdout).toMatch(words);
  expect(stdout).toMatch(/^openjd_fail: /);
});

test('an action outside of a job says so', async () => {
  expect((await tree.step(['check', '@film/press/print#Print'])).stdout).toContain(
    'PIPL_CONTEXT names no file',
  );
});

test('the package needs nothing else, and building it again gives the same bytes', () => {
  const built = join(tree.folder, 'built');
  const code = readdirSync(join(built, 'package/dist')).filter((name) => name.endsWith('.js'));
  const imports = code.flatMap((name) =>
    [
      ...readText(join(built, 'package/dist', name)).matchAll(
        /^(?:import|export)?[^\n"]*?(?:from|import)\s*\(?"([^"]+)"\)?;$/gm,
      ),
    ].map((found) => found[1]!),
  );
  expect(imports.length).toBeGreaterThan(3);
  expect(imports.filter((name) => !/^(?:node:|\.\/)/.test(name))).toEqual([]);
  expect(imports.some((name) => name.startsWith('./'))).toBe(true);

  execFileSync(process.execPath, [join(import.meta.dirname, '../build.mjs'), join(tree.folder, 'again')]);
  const hash = (folder: string) =>
    createHash('sha256')
      .update(readFileSync(join(tree.folder, folder, 'pipl-pipe-1.0.0.tgz')))
      .digest('hex');
  expect(hash('again')).toBe(hash('built'));
});

test('its declarations type a pipeline', () => {
  const file = (name: string, frame: string): string =>
    tree.write(
      `store/press/${name}.ts`,
      `import { defineAssetType, defineProductType, defineTaskType } from '@pipl/pipe';
       const A = defineAssetType({ name: 'A', kind: 'sequence', basename: ({ frame }) => String(frame.toFixed()) });
       const P = defineProductType({ name: 'P', assets: { a: A } });
       defineTaskType({ name: 'T', needs: { p: P }, makes: {} }).step('s', { run: ({ inputs }) => void inputs.p.a.${frame} });\n`,
    );
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--types', '', '--ignoreConfig'];
  const check = (source: string): string =>
    spawnSync(process.execPath, [tsc, ...options, source], { encoding: 'utf8' }).stdout;

  expect(check(file('good', 'frame(1)'))).toBe('');
  expect(check(file('bad', 'path'))).toContain("Property 'path' does not exist on type 'InputSequence'");
});
