/** What a framework answers about the type of a product, and one that is too old to be asked. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseManifest } from '@pipl/packl';
import { afterAll, expect, test } from 'vitest';
import { promiseProblems } from '../src/product-promises.ts';

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

const product = parseManifest({
  name: '@film/cat',
  version: '1.0.0',
  dependencies: { '@film/types': '^1.0.0' },
  pipl: { kind: 'product', type: '@film/types/types#Model', assets: {} },
});

/** @param step what stands in for pipl-step: its code */
function installed(step: string): { folder: string; manifest: typeof product } {
  const folder = mkdtempSync(join(tmpdir(), 'pipl-promises-'));
  folders.push(folder);
  const types = { name: '@film/types', version: '1.0.0', type: 'module', pipl: { kind: 'code' } };
  const files = {
    'package.json': JSON.stringify(product),
    'node_modules/@film/types/package.json': JSON.stringify(types),
    'node_modules/@pipl/pipe/package.json': JSON.stringify({ ...types, name: '@pipl/pipe' }),
    'node_modules/@pipl/pipe/dist/pipl-step.js': step,
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return { folder, manifest: product };
}

const answer = { by: '@film/types@1.0.0', assets: { mesh: { type: 'Glb', kind: 'file' } } };

test('each asset that is lacking is a problem', async () => {
  const problems = await promiseProblems(installed(`console.log('${JSON.stringify(answer)}')`));
  expect(problems.map(({ code, message }) => [code, message])).toEqual([
    ['PIPL_ASSET_PROMISED', '@film/cat lacks the asset mesh (Glb, a file).'],
  ]);
});

test('a framework that does not know the question is not held against the product', async () => {
  const old = `
    console.log('openjd_fail: pipl-step was called wrongly. It was given: ' + process.argv.slice(2).join(' ') + '.');
    process.exit(1);
  `;
  expect(await promiseProblems(installed(old))).toEqual([]);
});

test('a type that fails otherwise keeps the product back', async () => {
  await expect(
    promiseProblems(installed("console.error('no luck'); process.exit(7);")),
  ).rejects.toMatchObject({
    code: 'PIPL_STEP',
    why: 'no luck',
  });
});
