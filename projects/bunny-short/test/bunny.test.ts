/** What the story of the film rests on: which version of the bunny changes what, and manifests that pipl can read. */
import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseManifest, productOf, taskOf } from '../../../packages/packl/src/index.ts';
import { bunnyOf, variants } from '../pipeline/src/bunny-variants.ts';
import { boundsOf, writeMesh } from '../pipeline/src/mesh.ts';
import { boxesOf } from '../pipeline/src/mp4-boxes.ts';

const project = join(import.meta.dirname, '..');
const manifests = globSync('*/package.json', { cwd: project }).map((file) =>
  parseManifest(JSON.parse(readFileSync(join(project, file), 'utf8')), file),
);

test('the product names the model that the pipeline makes', async () => {
  const bytes = await writeMesh(bunnyOf('1.0.0'), 'bunny');
  const bunny = manifests.find(({ name }) => name === '@film/bunny')!;

  expect(productOf(bunny)?.assets['scene']).toMatchObject({
    digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
    size: bytes.length,
  });
});

test('1.1.0 looks different within the same bounds, 2.0.0 has others', () => {
  const [first, carved, grown] = variants.map((variant) => bunnyOf(variant));

  expect(boundsOf(carved!.positions)).toEqual(boundsOf(first!.positions));
  expect(carved!.indices.length).toBe(first!.indices.length * 4);
  expect(boundsOf(grown!.positions)).not.toEqual(boundsOf(first!.positions));
});

test('nine tasks; each names the products it reads and one that nobody else makes', () => {
  const tasks = manifests.filter((manifest) => taskOf(manifest));
  const makes = tasks.flatMap((task) => Object.values(taskOf(task)!.products));

  expect(tasks).toHaveLength(9);
  expect(new Set(makes).size).toBe(9);
  for (const task of tasks) {
    const read = Object.values(taskOf(task)!.inputs).flat();
    expect(Object.keys(task.dependencies!).toSorted()).toEqual([...read, '@film/pipeline'].toSorted());
    for (const name of read) expect([...makes, '@film/bunny']).toContain(name);
  }
});

test('boxes of an MP4 file are found inside containers, and sizes that lead out of the file are refused', () => {
  const box = (type: string, inside: Buffer): Buffer => {
    const size = Buffer.alloc(4);
    size.writeUInt32BE(inside.length + 8);
    return Buffer.concat([size, Buffer.from(type), inside]);
  };
  const file = Buffer.concat([box('ftyp', Buffer.from('isom')), box('moov', box('mvhd', Buffer.alloc(6)))]);

  expect(boxesOf(file)).toEqual([
    { type: 'ftyp', start: 8, end: 12 },
    { type: 'moov', start: 20, end: 34 },
    { type: 'mvhd', start: 28, end: 34 },
  ]);
  expect(() => boxesOf(file.subarray(0, 30))).toThrow('does not fit into the file');
});
