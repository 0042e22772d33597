/** Big documents of an upstream: how big they may be, and that they are answered as small ones are. */
import { createServer } from 'node:http';
import { expect, test, vi } from 'vitest';
import { indexName } from '@pipl/packl';
import { integrityOf } from '@pipl/registry-client';
import { film, packl, refusal, startScene } from './scene.ts';
import { documentOf, listening } from './upstreams.ts';

test('a mirror takes documents as big as its owner says; what it had before is still served', async () => {
  const dep = await packl('tiny-dep', '1.0.0');
  let filling = '';
  const url = await listening(
    createServer((_, response) => {
      response.end(documentOf(dep, 'http://example.com').replace('{', `{"readme":"${filling}",`));
    }),
  );
  await using scene = await startScene();
  const near = indexName('root/near');
  await scene.registry.createIndex(near, { mirror: url });
  const root = await scene.as('root');
  const megabyte = 1024 * 1024;
  await root.setIndex(near, { largestDocument: 2 * megabyte });
  const ask = async () => {
    const response = await fetch(`${scene.registry.url}/${near}/tiny-dep`);
    return { status: response.status, body: (await response.json()) as { code?: string; hint?: string } };
  };
  filling = 'x'.repeat(3 * megabyte);
  expect(await ask()).toMatchObject({
    status: 422,
    body: { code: 'PIPL_UPSTREAM_TOO_BIG', hint: expect.stringContaining('--largest-document') },
  });
  await root.setIndex(near, { largestDocument: 4 * megabyte });
  expect(await ask()).toMatchObject({ status: 200 });
  // Another limit, another document: both are looked at again, and only what may be taken is.
  filling = 'y'.repeat(3 * megabyte);
  const later = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 6 * 60_000);
  await root.setIndex(near, { largestDocument: 2 * megabyte });
  const kept = await ask();
  later.mockRestore();
  expect(kept).toMatchObject({ status: 200, body: { readme: 'x'.repeat(3 * megabyte) } });

  for (const largestDocument of [0, 1.5, 1e15])
    expect(await refusal(root.setIndex(near, { largestDocument }))).toBe('PIPL_INDEX');
  expect(await refusal(root.setIndex(film, { largestDocument: 4 * megabyte }))).toBe('PIPL_INDEX');
  await root.setIndex(near, { largestDocument: null });
  expect((await root.indexes()).find(({ name }) => name === near)?.largestDocument).toBeUndefined();
});

test('a big document is handed on as a small one is: forms, versions, tarballs, caches', async () => {
  const dep = await packl('tiny-dep', '1.0.0');
  const upstream = await listening(
    createServer((request, response) => {
      if (request.url === '/x.tgz') return void response.end(dep.tarball);
      const at = `http://${request.headers.host ?? ''}`;
      response.end(documentOf(dep, at).replace('{', `{"readme":"${'x'.repeat(3 * 1024 * 1024)}",`));
    }),
  );
  await using scene = await startScene();
  const near = indexName('root/near');
  await scene.registry.createIndex(near, { mirror: upstream });
  const base = `${scene.registry.url}/${near}`;
  const short = { accept: 'application/vnd.npm.install-v1+json' };
  const ask = async (path: string, headers: Record<string, string> = {}, method = 'GET') => {
    const response = await fetch(base + path, { headers, method });
    return { response, text: await response.text() };
  };
  const tarball = `${base}/tiny-dep/-/x.tgz`;
  const expected = { name: 'tiny-dep', versions: { '1.0.0': { version: '1.0.0', dist: { tarball } } } };

  const full = await ask('/tiny-dep', { 'accept-encoding': 'gzip' });
  expect(full.response.headers.get('content-encoding')).toBe('gzip');
  expect(JSON.parse(full.text)).toMatchObject({ ...expected, readme: expect.stringMatching(/^x{1000}/) });
  const plain = await ask('/tiny-dep', { 'accept-encoding': 'identity' });
  expect(plain.text).toBe(full.text);
  const abbreviated = await ask('/tiny-dep', short);
  expect(JSON.parse(abbreviated.text)).toMatchObject(expected);
  expect(JSON.parse(abbreviated.text)).not.toHaveProperty('readme');
  expect(abbreviated.response.headers.get('content-type')).toContain('install-v1');
  expect((await ask('/tiny-dep', {}, 'HEAD')).response.status).toBe(200);
  for (const version of ['1.0.0', 'latest'])
    expect(JSON.parse((await ask(`/tiny-dep/${version}`)).text)).toMatchObject(expected.versions['1.0.0']);
  expect((await ask('/tiny-dep/2.0.0')).response.status).toBe(404);

  const tags = [full, abbreviated].map(({ response }) => response.headers.get('etag') ?? '');
  expect(tags[0]).not.toBe(tags[1]);
  expect((await ask('/tiny-dep', { 'if-none-match': tags[0]! })).response.status).toBe(304);
  expect((await ask('/tiny-dep', { 'if-none-match': tags[1]! })).response.status).toBe(200);

  const bytes = Buffer.from(await (await fetch(tarball)).arrayBuffer());
  expect(integrityOf(bytes)).toBe(dep.integrity);
  const pages = await ask('/-/verdaccio/data/sidebar/tiny-dep');
  expect(JSON.parse(pages.text)).toMatchObject({ latest: { version: '1.0.0' } });
});
