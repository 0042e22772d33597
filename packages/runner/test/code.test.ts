/** A task type written in code: the real @pipl/pipe, installed by pnpm from the real registry. */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildView, contentHash, inputsOf, parseManifest, resolveTask, type Ticket } from '@pipl/packl';
import { builtOnce } from '../../pipe/test/built-once.ts';
import { index, makeBench, written, type Bench } from './bench.ts';

const pipeFolder = join(import.meta.dirname, '../../pipe');

const types = `
import { defineAssetType, defineProductType, defineTaskType, many } from '@pipl/pipe';
import { readFileSync, writeFileSync } from 'node:fs';
const name = (end) => ({ product, frame }) => product.shortName + (frame === undefined ? '' : '.' + String(frame).padStart(4, '0')) + end;
export const Note = defineAssetType({ name: 'Note', kind: 'file', basename: name('.txt') });
export const Pages = defineAssetType({ name: 'Pages', kind: 'sequence', basename: name('.txt') });
export const Text = defineProductType({ name: 'Text', assets: { note: Note } });
export const Book = defineProductType({ name: 'Book', assets: { pages: Pages } });
export const Write = defineTaskType({ name: 'Write', needs: {}, makes: { text: Text } })
  .step('write', { run({ outputs }) { writeFileSync(outputs.text.note.path, 'once upon a time'); } });
export const Print = defineTaskType({ name: 'Print', needs: { text: Text, more: many(Text) }, makes: { book: Book } })
  .step('print', {
    over: { page: () => '1-8' },
    run({ inputs, outputs, point, progress }) {
      const words = [inputs.text, ...inputs.more].map(({ note }) => readFileSync(note.path, 'utf8'));
      writeFileSync(outputs.book.pages.frame(point.page), [point.page, ...words].join(' '));
      progress(100, 'page ' + point.page);
    },
  })
  .check('eight pages', ({ outputs }) => { if (outputs.book.pages.written().size !== 8) throw new Error('not eight'); });
`;

async function publishCode(bench: Bench): Promise<void> {
  const folder = join(builtOnce(pipeFolder), 'package');
  const built = await readdir(join(folder, 'dist'));
  const files = built.filter((name) => name.endsWith('.js')).map((name) => `dist/${name}`);
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as object;
  await bench.publish(manifest, Object.fromEntries(files.map((file, at) => [file, texts[at]!])));
  await bench.publish(
    {
      name: '@test/press',
      version: '2.1.0',
      type: 'module',
      exports: { './types': './types.js' },
      peerDependencies: { '@pipl/pipe': '^1.0.0' },
      pipl: {
        kind: 'code',
        productTypes: { Text: './types#Text', Book: './types#Book' },
        taskTypes: { Write: './types#Write', Print: './types#Print' },
      },
    },
    { 'types.js': types },
  );
}

/** As the reactor makes one. */
async function ticketOf(bench: Bench, json: object): Promise<Ticket> {
  const { name, version } = await bench.publish(json);
  const [indexes, rows, tags] = await Promise.all([
    bench.registry.indexes(),
    bench.registry.rows(),
    bench.registry.tags(),
  ]);
  const row = rows.find((one) => one.name === name && one.version === version)!;
  const resolved = resolveTask(buildView({ index, indexes, rows, tags }), row);
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.missing));
  const { lock } = resolved;
  const { pipl } = parseManifest(json);
  if (pipl?.kind !== 'task') throw new Error('not a task');
  const products = Object.entries(pipl.products).map(([slot, product]) => ({
    slot,
    name: product,
    version: '1.0.0',
  }));
  const runKey = name.replace(/\W/g, '');
  const pins = { task: lock.task, inputs: inputsOf(row, lock), products, codeLock: lock.codeLock };
  return { runKey, attempt: `${runKey}.1`, purpose: 'process', index, field: pipl, ...pins };
}

test('a task of code runs from the lock to its product, and the next one reads that product', async () => {
  await using bench = await makeBench();
  await publishCode(bench);
  const write = await ticketOf(bench, {
    name: '@test/tale',
    version: '1.0.0',
    dependencies: { '@test/press': '^2.0.0' },
    pipl: { kind: 'task', type: '@test/press/types#Write', products: { text: '@test/tale-text' } },
  });
  expect((await bench.run(write)).result).toMatchObject({ state: 'succeeded' });
  const text = (await bench.registry.row(index, '@test/tale-text', '1.0.0'))!;
  expect(text.manifest).toMatchObject({
    dependencies: { '@test/press': '^2.1.0' },
    pipl: { type: '@test/press/types#Text', assets: { note: { basename: 'tale-text.txt', type: 'Note' } } },
  });
  expect(contentHash(text.manifest)).toMatch(/^[0-9a-f]{32}$/);

  const print = await ticketOf(bench, {
    name: '@test/print',
    version: '1.0.0',
    dependencies: { '@test/press': '^2.0.0', '@test/tale-text': '^1.0.0' },
    pipl: {
      kind: 'task',
      type: '@test/press/types#Print',
      inputs: { text: '@test/tale-text', more: ['@test/tale-text'] },
      products: { book: '@test/book' },
    },
  });
  const first = await bench.run(print);
  expect(first.result).toMatchObject({
    state: 'succeeded',
    provenance: { template: expect.stringMatching(/^sha256:/) },
  });
  const book = (await bench.registry.row(index, '@test/book', '1.0.0'))!;
  expect(book.manifest).toMatchObject({
    pipl: {
      assets: { pages: { kind: 'sequence', frames: [1, 2, 3, 4, 5, 6, 7, 8], files: 8 } },
      made: { by: '@test/print@1.0.0', run: print.attempt, inputs: { '@test/tale-text': '1.0.0' } },
    },
  });

  const again = await bench.run(
    { ...print, attempt: 'print.2', purpose: 'qa' },
    { config: { pnpm: '/nowhere/pnpm' } },
  );
  expect(again.result).toMatchObject({ state: 'succeeded', provenance: first.result.provenance! });
});

test('a type that is not there, and parameters that it refuses, fail with what pipl-step says', async () => {
  await using bench = await makeBench();
  await publishCode(bench);
  const base = {
    name: '@test/tale',
    dependencies: { '@test/press': '^2.0.0' },
    pipl: { kind: 'task', type: '@test/press/types#Nothing', products: { text: '@test/tale-text' } },
  };
  const nothing = await bench.run(await ticketOf(bench, { ...base, version: '1.0.0' }));
  expect(nothing.result).toMatchObject({ state: 'failed', reason: expect.stringContaining('Nothing') });
  const parameters = { width: 3 };
  const typed = { ...base.pipl, type: '@test/press/types#Write', parameters };
  const ticket = await ticketOf(bench, { ...base, version: '1.0.1', pipl: typed });
  const refused = await bench.run({ ...ticket, attempt: 'refused.1' });
  expect(refused.result).toMatchObject({ state: 'failed', reason: expect.stringContaining('width') });
  expect((await written(refused.folder)).texts.join('\n')).toContain('width');
});
