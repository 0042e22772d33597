import { expect, test } from 'vitest';
import { canonicalJson, contentHash, parseManifest, runKeyOf } from '../src/index.ts';

const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
const asset = {
  type: '@film/pipeline/assets#Scene',
  kind: 'file',
  digest: digest('a'),
  size: 3,
  basename: 'm_v001.glb',
};
const product = {
  kind: 'product',
  type: '@film/pipeline/products#Model',
  assets: { scene: asset },
  metadata: { fps: 24, unit: 'm' },
};
const hash = (pipl: object, more: object = {}) =>
  contentHash(parseManifest({ name: 'm', version: '1.0.0', pipl, ...more }));

test('type, metadata and digests are the content', () => {
  const same = hash(product);
  expect(same).toMatch(/^[0-9a-f]{32}$/);
  expect(hash({ ...product, type: '@film/pipeline/products#Rig' })).not.toBe(same);
  expect(hash({ ...product, metadata: { fps: 25, unit: 'm' } })).not.toBe(same);
  expect(hash({ ...product, assets: { scene: { ...asset, digest: digest('b') } } })).not.toBe(same);
  expect(hash({ ...product, assets: { other: asset } })).not.toBe(same);
});

test('name, version, provenance, dependencies, file names and the order of keys are not', () => {
  const made = { by: 't@1.0.0', run: 'k.1', inputs: { a: '1.0.0' } };
  const { type, kind, ...rest } = {
    ...product,
    metadata: { unit: 'm', fps: 24 },
    assets: { scene: { ...asset, basename: 'm_v002.glb' } },
  };
  expect(hash({ ...rest, made, type, kind }, { version: '1.0.1', dependencies: { a: '^1' } })).toBe(
    hash(product),
  );
});

test('no metadata is empty metadata', () => {
  const { metadata: _, ...bare } = product;
  expect(hash(bare)).toBe(hash({ ...bare, metadata: {} }));
});

test('only products have content', () => {
  expect(() => hash({ kind: 'code' })).toThrow(/m@1\.0\.0 is not a product/);
});

test('a run key names purpose, task, lock and parameters', () => {
  const parts = {
    purpose: 'process',
    taskIntegrity: 'sha512-t',
    lockHash: 'l',
    parameters: { b: 1, a: [1, 2] },
  } as const;
  const key = runKeyOf(parts);
  expect(key).toMatch(/^[0-9a-f]{32}$/);
  expect(runKeyOf({ ...parts, parameters: { a: [1, 2], b: 1 } })).toBe(key);
  const others = [
    { purpose: 'qa' },
    { taskIntegrity: 'sha512-u' },
    { lockHash: 'm' },
    { parameters: { b: 1, a: [2, 1] } },
  ] as const;
  expect(new Set(others.map((other) => runKeyOf({ ...parts, ...other }))).add(key).size).toBe(5);
});

test('canonical JSON sorts keys, keeps lists, leaves out undefined, refuses what JSON cannot hold', () => {
  expect(canonicalJson({ b: [2, undefined, { d: 1, c: null }], a: 'ä"', z: undefined })).toBe(
    '{"a":"ä\\"","b":[2,null,{"c":null,"d":1}]}',
  );
  for (const value of [Number.NaN, Infinity, 1n, () => 1, undefined])
    expect(() => canonicalJson([[{ a: value }], value === undefined ? () => 1 : 0])).toThrow(TypeError);
});
