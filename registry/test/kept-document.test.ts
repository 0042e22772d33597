/** Documents of an upstream, cut into versions while they arrive and kept a line each. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openGate } from '../src/reading/gate.ts';
import { keepDocument, readKept, wholeOf } from '../src/reading/kept-document.ts';
import { scratch } from './scene.ts';

/** In pieces of so many bytes. */
async function* inPieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

const keep = async (text: string, size = 7) => {
  const file = join(await scratch(), 'a.lines');
  return keepDocument(file, { chunks: inPieces(text, size), etag: '"e"', at: 0 });
};

const document = {
  name: 'b"\\u00f6\\\\',
  'dist-tags': { latest: '1.0.0' },
  time: { '1.0.0': 'then', modified: 'now' },
  versions: {
    '1.0.0': { name: 'b', a: ['}', '{"', '\\\\"'], deep: { er: [[1, -2.5e3, null, true]] }, versions: {} },
    'x"y\t': { ö: '\n' },
    ['__proto__']: { v: 1 },
  },
  readme: '{[,:]}',
};

test.each([1, 2, 3, 64, 10_000])('a document that comes in pieces of %i is the document', async (size) => {
  for (const text of [JSON.stringify(document), JSON.stringify(document, null, 2)])
    expect(await wholeOf(await keep(text, size))).toEqual(JSON.parse(text));
  const { name, 'dist-tags': tags, versions } = await wholeOf(await keep(' { } ', size));
  expect([name, tags, versions]).toEqual(['', {}, {}]);
  const disguised = JSON.stringify(document).replace('"versions":{"1', String.raw`"\u0076ersions":{"1`);
  expect(await wholeOf(await keep(disguised, size))).toEqual(document);
});

test.each([
  '',
  '[]',
  '"x"',
  '1,{}',
  '{"name":"x"',
  '{"name":"x',
  '{"name" "x"}',
  '{"name":"x" "y":1}',
  '{"name":"x",}',
  '{,"name":"x"}',
  '{"name":"x"}}',
  '{"name":"x"}{}',
  '{"name":"x"} x',
  '{"name":"x"]',
  '{"versions":{"1.0.0":{"a":1}',
  '{"versions":{"1.0.0":{}]}',
  '{"versions":{"1.0.0":{}},}',
  '{"versions":{"1.0.0":{}} x}',
  '{"versions":{"1.0.0":{}}{}}',
  '{"versions":{"1.0.0":{},}}',
  '{"versions":[]}',
  '{"versions":null}',
  '{"versions":{"1.0.0":[]}}',
  '{"versions":{"1.0.0":{"a":}}}',
  '{"versions":{"1.0.0":{]}}',
  '{name:1}',
])('%s is no document, and nothing of it is kept', async (text) => {
  const folder = await scratch();
  const chunks = inPieces(text, 3);
  await expect(keepDocument(join(folder, 'a'), { chunks, etag: null, at: 0 })).rejects.toThrow(SyntaxError);
  expect(await readdir(folder)).toEqual([]);
});

test('what is too deep is refused, wherever it is', async () => {
  const deep = `${'['.repeat(70)}${']'.repeat(70)}`;
  for (const text of [
    `{"readme":${deep}}`,
    `{"versions":{"1.0.0":${deep}}}`,
    `{"versions":{"1.0.0":{"a":${deep}}}}`,
  ])
    await expect(keep(text)).rejects.toThrow('cannot be read');
});

test('one part alone, and everything beside the versions, may not be as big as it likes', async () => {
  const megabytes = (count: number) => 'x'.repeat(count * 1024 * 1024);
  for (const text of [
    `{"readme":"${megabytes(9)}"}`,
    `{"versions":{"1.0.0":{"readme":"${megabytes(9)}"}}}`,
    `{"a":"${megabytes(5)}","b":"${megabytes(5)}"}`,
  ])
    await expect(keep(text, 65_536)).rejects.toThrow(/more than 8388608 bytes/);
});

test('of a big one a version is found by its number, and all are read in their order', async () => {
  const version = (at: number) => ({
    name: 'b',
    version: `1.0.${at}`,
    filling: 'ö'.repeat(50_000),
    dist: { at },
  });
  const numbers = Array.from({ length: 40 }, (_, at) => at);
  const text = JSON.stringify({
    name: 'b',
    'dist-tags': { latest: '1.0.39' },
    versions: Object.fromEntries(numbers.map((at) => [`1.0.${at}`, version(at)])),
  });
  const kept = await keep(text, 65_536);
  expect(kept.isBig).toBe(true);
  await using opened = await kept.open();
  expect(await opened.version('1.0.17')).toEqual(version(17));
  expect(await opened.version('1.0.4')).toEqual(version(4));
  expect(await opened.version('1.0.40')).toBeUndefined();
  const found = await Array.fromAsync(opened.versions());
  expect(found.map(({ version: number }) => number)).toEqual(numbers.map((at) => `1.0.${at}`));
  // As objects it is thin, but for what has a tag.
  const { versions } = await wholeOf(kept);
  expect(versions['1.0.17']).toEqual({ name: 'b', version: '1.0.17', dist: { at: 17 } });
  expect(versions['1.0.39']).toEqual(version(39));
});

test('the same content has the same hash, whenever it came; another has not', async () => {
  const hashes = [];
  for (const text of ['{"name":"a","versions":{"1.0.0":{}}}', '{"name":"a","versions":{"1.0.0":{"b":1}}}']) {
    for (const size of [1, 100]) {
      await using opened = await (await keep(text, size)).open();
      hashes.push(opened.hash);
    }
  }
  expect(hashes[0]).toBe(hashes[1]);
  expect(hashes[2]).toBe(hashes[3]);
  expect(hashes[0]).not.toBe(hashes[2]);
});

test('nothing is kept where nothing is', async () => {
  expect(await readKept(join(await scratch(), 'nothing'))).toBeUndefined();
});

test('a gate lets so many in, the next when one leaves, and nobody waits for ever', async () => {
  const gate = openGate(2, 20);
  const [leave] = [await gate.enter(), await gate.enter()];
  const order: string[] = [];
  const third = gate.enter().then(() => order.push('third'));
  const fourth = gate.enter().then(() => order.push('fourth'));
  await Promise.resolve();
  expect(order).toEqual([]);
  leave();
  await third;
  expect(order).toEqual(['third']);
  await fourth;
});
