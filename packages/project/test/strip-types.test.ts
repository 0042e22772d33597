import { pathToFileURL } from 'node:url';
import { writeFileSync, mkdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { packedFiles, strippedModule, strippedPath } from '@pipl/project';
import { parseManifest } from '@pipl/packl';
import { testFolder } from './folders.ts';

const manifest = (more: object = {}) =>
  parseManifest({
    name: '@film/pipeline',
    version: '1.0.0',
    type: 'module',
    pipl: { kind: 'code' },
    ...more,
  });

test('TypeScript is packed as JavaScript that runs, and as the source it was', async () => {
  using folder = testFolder({
    'package.json': { name: '@film/pipeline', version: '1.0.0' },
    'src/index.ts': `import type { Shot } from './shot.ts';
import { double, type Frame } from './frames/double.ts';
export * from "./frames/double.ts";
export const shot: Shot = { name: 'sh010', frames: double(12 as Frame) };
export const lazy = async (): Promise<number> => (await import('./frames/double.ts')).double(4);
export const text: string = './frames/double.ts';
`,
    'src/shot.ts': 'export interface Shot { readonly name: string; readonly frames: number }\n',
    'src/frames/double.ts':
      'export type Frame = number;\nexport const double = (n: Frame): Frame => n * 2;\n',
  });
  const files = await packedFiles(folder.path, manifest());
  expect([...files.keys()].toSorted()).toEqual([
    'dist/frames/double.js',
    'dist/index.js',
    'dist/shot.js',
    'package.json',
    'src/frames/double.ts',
    'src/index.ts',
    'src/shot.ts',
  ]);

  using installed = testFolder({ 'package.json': { type: 'module' } });
  for (const [path, { data }] of files) {
    if (!path.startsWith('dist/')) continue;
    mkdirSync(installed.at(path, '..'), { recursive: true });
    writeFileSync(installed.at(path), data);
  }
  const loaded = await import(/* @vite-ignore */ pathToFileURL(installed.at('dist/index.js')).href);
  expect(loaded.shot).toEqual({ name: 'sh010', frames: 24 });
  expect(await loaded.lazy()).toBe(8);
  expect(loaded.double(1)).toBe(2);
  expect(loaded.text).toBe('./frames/double.ts'); // text is not a specifier
});

test('lines and columns stay those of the source', async () => {
  const source =
    'export const a: number = 1;\n\nexport function fail(b: string): never { throw new Error(b); }\n';
  const code = await strippedModule(source, 'a.ts');
  expect(code.split('\n').map((line) => line.length)).toEqual(source.split('\n').map((line) => line.length));
});

test('what cannot be erased is refused with the file and the way out', async () => {
  await expect(strippedModule('export enum Kind { A }', 'src/kind.ts')).rejects.toMatchObject({
    code: 'PIPL_TYPESCRIPT',
    exitStatus: 7,
    message: expect.stringContaining('src/kind.ts'),
    hint: expect.stringContaining('erasable'),
  });
});

test('declarations and other folders are not stripped', () => {
  expect(strippedPath('src/a/b.ts')).toBe('dist/a/b.js');
  expect(strippedPath('src/a.mts')).toBe('dist/a.mjs');
  expect(strippedPath('src/a.d.ts')).toBeUndefined();
  expect(strippedPath('test/a.ts')).toBeUndefined();
});

test('hidden files, locks, node_modules and an old dist stay at home', async () => {
  using folder = testFolder({
    'package.json': {},
    '.env': 'SECRET=1',
    '.pipl-history.jsonl': '',
    'pnpm-lock.yaml': '',
    'node_modules/zod/index.js': '',
    'nested/node_modules/a.js': '',
    'dist/old.js': '',
    'src/index.ts': 'export const now = 1;',
    'config.ocio': 'x',
  });
  const files = await packedFiles(folder.path, manifest());
  expect([...files.keys()].toSorted()).toEqual([
    '.pipl-history.jsonl',
    'config.ocio',
    'dist/index.js',
    'package.json',
    'src/index.ts',
  ]);
});

test('"files" chooses, with folders, patterns and exceptions; package.json, README and history always come', async () => {
  using folder = testFolder({
    'package.json': {},
    'README.md': '',
    '.pipl-history.jsonl': '',
    'dist/index.js': '',
    'scripts/a.py': '',
    'scripts/a.test.py': '',
    'notes.txt': '',
  });
  const files = await packedFiles(
    folder.path,
    manifest({ files: ['dist', './scripts/*.py', '!**/*.test.py'] }),
  );
  expect([...files.keys()].toSorted()).toEqual([
    '.pipl-history.jsonl',
    'README.md',
    'dist/index.js',
    'package.json',
    'scripts/a.py',
  ]);
});

test('an entry of "files" that names nothing is refused', async () => {
  using folder = testFolder({ 'package.json': {} });
  await expect(packedFiles(folder.path, manifest({ files: ['lib'] }))).rejects.toMatchObject({
    code: 'PIPL_FILES_MISSING',
    exitStatus: 7,
  });
});
