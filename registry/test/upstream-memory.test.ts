/** Documents of an upstream may be big: a server that hands one on does not become so. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { indexName } from '@pipl/packl';
import { openDatabase, startRegistry } from '@pipl/registry';
import { lazyPackument, proveWhole } from '../src/reading/lazy-packument.ts';
import { asking } from './asking.ts';
import { scratch } from './scene.ts';

const megabytes = 1024 * 1024;

/** As npm has them: five thousand versions of ten kilobytes. */
function bigDocument(): Buffer {
  const words = Array.from({ length: 300 }, (_, at) => [
    `dependency-${at}`,
    `^${at}.0.0 || >=${at}.1.0-beta`,
  ]);
  const version = (at: number) => ({
    name: 'big',
    version: `1.0.${at}`,
    description: 'größer',
    dependencies: Object.fromEntries(words) as object,
    dist: { tarball: `http://127.0.0.1/big/-/big-1.0.${at}.tgz`, shasum: 'a'.repeat(40) },
  });
  const versions = Array.from({ length: 4_200 }, (_, at) => [`1.0.${at}`, version(at)]);
  return Buffer.from(
    JSON.stringify({
      name: 'big',
      'dist-tags': { latest: '1.0.0' },
      versions: Object.fromEntries(versions) as object,
    }),
  );
}

test(
  'a document of 50 MB, in three forms, passes through a server that stays under 450 MB',
  { timeout: 120_000 },
  async () => {
    const document = bigDocument();
    expect(document.length).toBeGreaterThan(50 * megabytes);
    const upstream = createServer((_, response) => response.end(document)).listen(0, '127.0.0.1');
    await once(upstream, 'listening');
    onTestFinished(() => void upstream.close());
    const mirror = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
    const dir = await scratch();
    const db = await openDatabase(join(dir, 'db', 'pipl.sqlite'));
    const made = await startRegistry({ dataDir: dir, db, project: 'film', host: '127.0.0.1', port: 0 });
    await made.createIndex(indexName('root/npm'), { mirror });
    await made.close();
    await db.destroy();

    const child = spawn(process.execPath, [join(import.meta.dirname, 'serve-until-killed.ts'), dir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(async () => {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    });
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const { url } = JSON.parse(line) as { url: string };
    for (const accept of ['application/json', 'application/vnd.npm.install-v1+json', 'application/json']) {
      const { status, text } = await asking(`${url}/root/npm/big`, { accept });
      const { versions } = JSON.parse(text) as { versions: object };
      expect(status).toBe(200);
      expect(Object.keys(versions)).toHaveLength(4_200);
    }
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    const peak = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024;
    // As objects it took 800.
    expect(peak).toBeLessThan(450);
  },
);

const lazily = (text: string) => lazyPackument(Buffer.from(text));

test('a document in parts is the document', () => {
  const document = {
    name: 'b"\\u00f6\\\\',
    'dist-tags': { latest: '1.0.0' },
    time: { '1.0.0': 'then', modified: 'now' },
    versions: {
      '1.0.0': { name: 'b', a: ['}', '{"', '\\\\"'], deep: { er: [[1, -2.5e3, null, true]] } },
      'x"y': {},
      ['__proto__']: { v: 1 },
    },
    readme: '{[,:]}',
  };
  for (const text of [JSON.stringify(document), JSON.stringify(document, null, 2)]) {
    const lazy = lazily(text);
    proveWhole(lazy);
    expect(JSON.parse(JSON.stringify(lazy))).toEqual(JSON.parse(text));
  }
  expect(Object.keys(lazily(' { } ').versions)).toEqual([]);
});

test.each([
  '',
  '[]',
  '"x"',
  '{"name":"x"',
  '{"name":"x',
  '{"name" "x"}',
  '{"name":"x" "y":1}',
  '{"versions":{"1.0.0":{"a":1}',
  '{"versions":[]}',
  '{"versions":{"1.0.0":{"a":}}}',
  '{"versions":{"1.0.0":{]}}',
  '{name:1}',
])('%s is no document', (text) => {
  expect(() => proveWhole(lazily(text))).toThrow(SyntaxError);
});

test('what is too deep is refused, wherever it is', () => {
  const deep = `${'['.repeat(70)}${']'.repeat(70)}`;
  for (const text of [
    `{"readme":${deep}}`,
    `{"versions":{"1.0.0":${deep}}}`,
    `{"versions":{"1.0.0":{"a":${deep}}}}`,
  ])
    expect(() => lazily(text)).toThrow('cannot be read');
});
