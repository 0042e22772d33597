/** Reads from memory: what they answer is what is there now, for whoever asks, and nobody sees what they may not. */
import { expect, test } from 'vitest';
import { indexName } from '@pipl/packl';
import { connect, integrityOf } from '@pipl/registry-client';
import { openCache } from '../src/reading/fast-reads-cache.ts';
import { film, packl, startScene, type Scene } from './scene.ts';

const dev = indexName('alice/dev');
const short = 'application/vnd.npm.install-v1+json';

const ask = (scene: Scene, path: string, headers: Record<string, string> = {}) =>
  fetch(`${scene.registry.url}/${path}`, { headers: { 'accept-encoding': 'identity', ...headers } });

interface Document {
  readonly versions: Record<string, { deprecated?: string; scripts?: object; dist: { tarball: string } }>;
  readonly 'dist-tags': Record<string, string>;
}
const documentOf = async (response: Response) => (await response.json()) as Document;
const versionsOf = async (scene: Scene, path: string) =>
  Object.keys((await documentOf(await ask(scene, path))).versions);

test('whoever was told that something is published, tagged, deprecated or withdrawn sees it', async () => {
  await using scene = await startScene();
  const root = await scene.as('root');
  await scene.registry.createIndex(dev, { bases: [film] });
  await scene.publish(film, await packl('a', '1.0.0'));
  expect(await versionsOf(scene, `${dev}/a`)).toEqual(['1.0.0']);

  await scene.publish(film, await packl('a', '1.1.0'));
  expect(await versionsOf(scene, `${dev}/a`)).toEqual(['1.0.0', '1.1.0']);

  await root.deprecate(film, { name: 'a', version: '1.1.0', message: 'no good' });
  const deprecated = await documentOf(await ask(scene, `${dev}/a`));
  expect(deprecated.versions['1.1.0']?.deprecated).toBe('no good');
  expect(deprecated['dist-tags']['latest']).toBe('1.0.0');

  await root.withdraw(film, { name: 'a', version: '1.1.0' });
  expect(await versionsOf(scene, `${dev}/a`)).toEqual(['1.0.0']);
  expect((await ask(scene, `${dev}/a/-/a-1.1.0.tgz`)).status).toBe(404);

  await scene.registry.createIndex(dev, { bases: [] });
  expect((await ask(scene, `${dev}/a`)).status).toBe(404);
});

test('a name that another packl is published under stays in memory, a volatile version that is replaced does not', async () => {
  await using scene = await startScene();
  await scene.registry.createIndex(dev, { volatile: true });
  const tarballOf = async () => Buffer.from(await (await ask(scene, `${dev}/a/-/a-1.0.0.tgz`)).arrayBuffer());
  const first = await packl('a', '1.0.0');
  await scene.publish(dev, first);
  expect(integrityOf(await tarballOf())).toBe(first.integrity);
  const second = await packl('a', '1.0.0', { content: 'other' });
  await scene.publish(dev, second);
  expect(integrityOf(await tarballOf())).toBe(second.integrity);
});

test('what memory holds for one is not answered to another who may not read it', async () => {
  await using scene = await startScene();
  const closed = indexName('root/closed');
  const alice = await scene.as('alice');
  const bob = await scene.as('bob');
  await scene.registry.createIndex(closed, { read: ['alice'] });
  await scene.publish(closed, await packl('secret', '1.0.0'));
  const as = (token: string | undefined) => ({ authorization: `Bearer ${token ?? ''}` });
  const statuses = async (path: string) => [
    (await ask(scene, path, as(alice.token))).status,
    (await ask(scene, path, as(bob.token))).status,
    (await ask(scene, path)).status,
  ];
  for (const path of ['secret', 'secret/1.0.0', 'secret/-/secret-1.0.0.tgz']) {
    expect(await statuses(`${closed}/${path}`)).toEqual([200, 404, 404]);
  }
  // Rights that are taken away hold for the next request.
  await scene.registry.createIndex(closed, { read: ['bob'] });
  expect(await statuses(`${closed}/secret`)).toEqual([404, 200, 404]);
});

test('a token that is revoked opens nothing, although it was just remembered', async () => {
  await using scene = await startScene();
  await scene.publish(film, await packl('a', '1.0.0'));
  const token = await scene.registry.issueUserToken('root');
  const status = async () => (await ask(scene, `${film}/a`, { authorization: `Bearer ${token}` })).status;
  expect([await status(), await status()]).toEqual([200, 200]);
  await fetch(`${scene.registry.url}/${film}/-/user/token/${token}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${token}` },
  });
  expect(await status()).toBe(401);
});

test('who has it already is told so: 304 for documents and tarballs, until they change', async () => {
  await using scene = await startScene();
  await scene.publish(film, await packl('a', '1.0.0'));
  for (const path of [`${film}/a`, `${film}/a/-/a-1.0.0.tgz`]) {
    const etag = (await ask(scene, path)).headers.get('etag') ?? '';
    const again = await ask(scene, path, { 'if-none-match': etag });
    expect([again.status, await again.text()]).toEqual([304, '']);
  }
  const etag = (await ask(scene, `${film}/a`)).headers.get('etag') ?? '';
  await scene.publish(film, await packl('a', '1.1.0'));
  expect((await ask(scene, `${film}/a`, { 'if-none-match': etag })).status).toBe(200);
});

test('only what can never change is cached for ever', async () => {
  await using scene = await startScene();
  await scene.registry.createIndex(dev, { bases: [film] });
  const soft = indexName('alice/soft');
  await scene.registry.createIndex(soft, { volatile: true });
  await scene.publish(film, await packl('a', '1.0.0'));
  await scene.publish(soft, await packl('a', '1.0.0'));
  const caching = async (path: string) => (await ask(scene, path)).headers.get('cache-control');
  expect(await caching(`${film}/a/-/a-1.0.0.tgz`)).toBe('public, max-age=31536000, immutable');
  // The index may get a version of its own by that name, nearer than the base's.
  expect(await caching(`${dev}/a/-/a-1.0.0.tgz`)).toBe('no-cache');
  expect(await caching(`${soft}/a/-/a-1.0.0.tgz`)).toBe('no-cache');
  expect(await caching(`${film}/a`)).toBe('no-cache');
});

test('the short form has what installing needs; both send clients where they asked', async () => {
  await using scene = await startScene();
  const scripts = { postinstall: 'true', test: 'true' };
  await scene.publish(film, await packl('@film/a', '1.0.0', { scripts } as never));
  const full = await documentOf(await ask(scene, `${film}/@film%2fa`));
  const response = await ask(scene, `${film}/@film/a`, {
    accept: `${short}; q=1.0, application/json; q=0.8`,
  });
  expect(response.headers.get('content-type')).toContain(short);
  const brief = await documentOf(response);
  const tarball = `${scene.registry.url}/${film}/@film/a/-/a-1.0.0.tgz`;
  expect([full, brief].map(({ versions }) => versions['1.0.0']?.dist.tarball)).toEqual([tarball, tarball]);
  expect(brief.versions['1.0.0']).toMatchObject({ name: '@film/a', hasInstallScript: true });
  expect([full.versions['1.0.0']?.scripts, brief.versions['1.0.0']?.scripts]).toEqual([scripts, undefined]);
  const one = await ask(scene, `${film}/@film%2fa/latest`);
  expect(await one.json()).toMatchObject({ name: '@film/a', version: '1.0.0', dist: { tarball } });
});

test('compressed for those who can read it, once it is asked for again', async () => {
  await using scene = await startScene();
  for (let patch = 0; patch < 5; patch++) await scene.publish(film, await packl('a', `1.0.${patch}`));
  const raw = async (encoding: string) => {
    const response = await ask(scene, `${film}/a`, { 'accept-encoding': encoding });
    return { encoding: response.headers.get('content-encoding'), text: await response.text() };
  };
  const plain = await raw('identity');
  expect(await raw('br, gzip')).toEqual({ encoding: 'br', text: plain.text });
  expect(await raw('gzip')).toEqual({ encoding: 'gzip', text: plain.text });
  expect(await raw('br;q=0, gzip')).toEqual({ encoding: 'gzip', text: plain.text });
});

test('HEAD says what GET would send', async () => {
  await using scene = await startScene();
  await scene.publish(film, await packl('a', '1.0.0'));
  for (const path of [`${film}/a`, `${film}/a/-/a-1.0.0.tgz`]) {
    const size = (await (await ask(scene, path)).arrayBuffer()).byteLength;
    const response = await fetch(`${scene.registry.url}/${path}`, { method: 'HEAD' });
    expect([response.status, response.headers.get('content-length')]).toEqual([200, String(size)]);
  }
});

test('the served tarball matches its integrity, small and big, many at once', async () => {
  await using scene = await startScene();
  const client = connect({ url: scene.registry.url });
  const noise = Array.from({ length: 60_000 }, () => Math.random()).join('\n');
  const all = [await packl('small', '1.0.0'), await packl('big', '1.0.0', { content: noise })];
  await scene.publish(film, ...all);
  const asked = Array.from({ length: 10 }, () => all).flat();
  const got = await Promise.all(
    asked.map(({ manifest: { name, version } }) => client.tarball(film, name, version)),
  );
  expect(got.map((bytes) => integrityOf(bytes))).toEqual(asked.map(({ integrity }) => integrity));
});

test('memory is bounded: the one that nobody asked for longest goes first', () => {
  const cache = openCache<{ bytes: number }>(10_000);
  for (const key of ['a', 'b', 'c', 'd', 'e']) cache.set(key, { bytes: 1400 });
  cache.get('a');
  cache.set('f', { bytes: 1400 });
  expect(['a', 'b', 'c', 'f'].map((key) => cache.get(key) !== undefined)).toEqual([true, false, true, true]);
  expect(cache.bytes()).toBeLessThanOrEqual(10_000);
  cache.set('huge', { bytes: 9_000 });
  expect(cache.get('huge')).toBeUndefined();
});
