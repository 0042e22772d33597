/** A tree as a runner has it: the built `@pipl/pipe` and a pipeline, reached through links like pnpm's. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { builtOnce } from './built-once.ts';

const pipeFolder = join(import.meta.dirname, '..');

export const types = `
import { defineAssetType, defineProductType } from '@pipl/pipe';
export const Note = defineAssetType({ name: 'Note', kind: 'file', basename: ({ product, revision }) => product.shortName + '_v' + revision + '.txt' });
export const Pages = defineAssetType({ name: 'Pages', kind: 'sequence', basename: ({ product, frame }) => product.shortName + '.' + String(frame).padStart(4, '0') + '.txt' });
export const Text = defineProductType({ name: 'Text', assets: { note: Note } });
export const Book = defineProductType({ name: 'Book', assets: { pages: Pages } });
export const odd = { name: 'Odd', assets: [5] };
export const Hidden = defineProductType({ name: 'Text', assets: { note: Note } });
`;

export const print = `
import { readFileSync, writeFileSync } from 'node:fs';
import { defineTaskType, many } from '@pipl/pipe';
import { z } from 'zod';
import { Book, Hidden, Text } from './types.js';

const parameters = z.object({ pages: z.string().default('1-6'), mood: z.enum(['good', 'bad']).default('good') });
export const Print = defineTaskType({ name: 'Print', needs: { text: Text, others: many(Text) }, makes: { book: Book }, parameters })
  .step('print', {
    over: { page: ({ pages }) => pages, side: () => ['recto', 'verso'] },
    run({ inputs, outputs, point, parameters: { mood }, progress }) {
      progress(50, 'page ' + point.page + '\\nof many');
      if (mood === 'bad') throw new Error('out of ink');
      const words = [inputs.text, ...inputs.others].map(({ note }) => readFileSync(note.path, 'utf8'));
      writeFileSync(outputs.book.pages.frame(point.page), [point.page, point.side, ...words].join(' '));
    },
  })
  .check('six pages', ({ outputs }) => {
    const { size } = outputs.book.pages.written();
    if (size !== 6) throw new Error(size + ' pages');
  })
  .check('the cover is there', ({ outputs }) => { if (!outputs.book.pages.written().has(1)) throw new Error('no cover'); })
  .command('read', { label: 'Read it', run: ({ outputs }) => console.log(outputs.book.product.shortName) });
export const Forget = defineTaskType({ name: 'Forget', needs: {}, makes: { text: Text } }).step('forget', { run() {} });
export const Secret = defineTaskType({ name: 'Secret', needs: {}, makes: { text: Hidden } }).step('work', { run() {} });
export const notAType = 5;
`;

const manifest = {
  name: '@film/press',
  version: '1.2.0',
  type: 'module',
  exports: { './types': './types.js', './print': './print.js', './broken': './broken.js' },
  peerDependencies: { '@pipl/pipe': '^1.0.0' },
  pipl: {
    kind: 'code',
    productTypes: { Text: './types#Text', Book: './types#Book', Odd: './types#odd' },
    taskTypes: {
      Print: './print#Print',
      Forget: './print#Forget',
      Secret: './print#Secret',
      Number: './print#notAType',
      Gone: './print#Gone',
      Broken: './broken#Broken',
    },
  },
};

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StepTree extends Disposable {
  readonly folder: string;
  /** writes a file below the tree's folder and returns its path */
  write(name: string, content: string): string;
  step(args: readonly string[], env?: Record<string, string>): Promise<Ended>;
}

export function startStepTree(): StepTree {
  const folder = mkdtempSync(join(tmpdir(), 'pipl-step-'));
  const write = (name: string, content: string): string => {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
  };
  cpSync(builtOnce(pipeFolder), join(folder, 'built'), { recursive: true });
  write('store/press/node_modules/@film/press/package.json', JSON.stringify(manifest));
  write('store/press/node_modules/@film/press/types.js', types);
  write('store/press/node_modules/@film/press/print.js', print);
  write('store/press/node_modules/@film/press/broken.js', "import 'no-such-module';");
  const links = {
    'tree/node_modules/@film/press': join(folder, 'store/press/node_modules/@film/press'),
    'tree/node_modules/@pipl/pipe': join(folder, 'built/package'),
    'store/press/node_modules/@pipl/pipe': join(folder, 'built/package'),
    'store/press/node_modules/zod': join(pipeFolder, 'node_modules/zod'),
  };
  for (const [link, target] of Object.entries(links)) {
    mkdirSync(dirname(join(folder, link)), { recursive: true });
    symlinkSync(target, join(folder, link));
  }
  const bin = join(folder, 'tree/node_modules/@pipl/pipe/dist/pipl-step.js');
  return {
    folder,
    write,
    async step(args, env = {}) {
      const child = spawn(process.execPath, [bin, ...args], {
        cwd: '/',
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const ended = once(child, 'close') as Promise<[number]>;
      const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
      return { code, stdout, stderr };
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}

export const readText = (file: string): string => readFileSync(file, 'utf8');
