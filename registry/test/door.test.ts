/** Pages of other web sites stay out (CSRF, DNS rebinding); no cookie lets anybody in. */
import { expect, test } from 'vitest';
import { connect } from '@pipl/registry-client';
import { addressOf } from '../src/door/door.ts';
import { asking, withBunny } from './asking.ts';
import { film, refusal } from './scene.ts';

test('a page of another site is refused, to write and to read; ours is answered', async () => {
  await using scene = await withBunny();
  const { url } = scene.registry;
  const { token = '' } = await scene.as('alice');
  const signed = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const tag = `${url}/${film}/-/package/@film%2fbunny/dist-tags/beta`;
  for (const origin of [
    'http://evil.example',
    'https://evil.example',
    'null',
    'http://localhost:1',
    'http://127.0.0.1',
  ]) {
    const written = await asking(tag, { ...signed, origin }, 'PUT', '"1.0.0"');
    expect([origin, written.status]).toEqual([origin, 403]);
    expect(
      (await asking(`${url}/-/pipl/v1/users/x`, { ...signed, origin }, 'PUT', '{"password":"x"}')).status,
    ).toBe(403);
    const read = await asking(`${url}/${film}/@film%2fbunny`, { origin });
    expect([read.status, read.text]).toEqual([403, expect.stringContaining('PIPL_FOREIGN_ORIGIN')]);
    expect((await asking(`${url}/-/pipl/v1/changes?since=0`, { origin })).status).toBe(403);
  }
  expect((await asking(tag, { ...signed, 'sec-fetch-site': 'cross-site' }, 'PUT', '"1.0.0"')).status).toBe(
    403,
  );
  expect(await scene.registry.tags()).toEqual([]);
  expect((await asking(tag, { ...signed, origin: url }, 'PUT', '"1.0.0"')).status).toBe(201);
  expect((await asking(tag, signed, 'PUT', '"1.0.0"')).status).toBe(201);
});

test('a name that a stranger makes point here is refused (DNS rebinding)', async () => {
  await using scene = await withBunny({ hosts: ['pipl.studio'] });
  const { url } = scene.registry;
  const { port } = new URL(url);
  const status = async (host: string, more: Record<string, string> = {}) =>
    (await asking(`${url}/-/pipl/v1/status`, { host, ...more })).status;
  for (const host of [
    'evil.example',
    `evil.example:${port}`,
    `localhost.evil.example:${port}`,
    `127.0.0.1.evil.example`,
  ]) {
    expect([host, await status(host)]).toEqual([host, 403]);
    // A rebound page may send any header it likes: this one must not help it.
    expect(await status(host, { 'x-forwarded-host': 'localhost' })).toBe(403);
    expect(await status(host, { origin: `http://${host}` })).toBe(403);
  }
  for (const host of [
    `127.0.0.1:${port}`,
    `localhost:${port}`,
    'film.localhost',
    `[::1]:${port}`,
    'pipl.studio',
    'PIPL.studio:80',
  ]) {
    expect([host, await status(host)]).toEqual([host, 200]);
  }
});

test('no cookie is set and none lets anybody in', async () => {
  await using scene = await withBunny();
  const { url } = scene.registry;
  await scene.registry.setUser('alice', { password: 'carrot' });
  const { token = '' } = await scene.as('alice');
  const login = await asking(
    `${url}/${film}/-/verdaccio/sec/login`,
    { 'content-type': 'application/json' },
    'POST',
    '{"username":"alice","password":"alice\'s"}',
  );
  expect([login.status, login.headers['set-cookie']]).toEqual([200, undefined]);
  expect(
    (await asking(`${url}/${film}/-/whoami`, { cookie: `token=${token}; connect.sid=${token}` })).status,
  ).toBe(401);
});

test('the login of the web pages gives a token that ends by itself and can be revoked', async () => {
  await using scene = await withBunny();
  const { url } = scene.registry;
  await scene.registry.setUser('alice', { password: 'carrot' });
  const body = '{"username":"alice","password":"carrot"}';
  const login = await asking(
    `${url}/${film}/-/verdaccio/sec/login`,
    { 'content-type': 'application/json' },
    'POST',
    body,
  );
  const { token } = JSON.parse(login.text) as { token: string };
  // Verdaccio's pages read the end of a login there.
  const words = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { exp: number };
  expect(words.exp * 1000 - Date.now()).toBeGreaterThan(23 * 3_600_000);
  const alice = connect({ url, token });
  expect((await alice.whoami()).name).toBe('alice');
  const packages = `${url}/${film}/-/verdaccio/data/packages`;
  expect((await asking(packages, { authorization: `Bearer ${token}` })).status).toBe(200);
  await scene.registry.setUser('alice', { password: 'other' });
  expect(await refusal(alice.whoami())).toBe('PIPL_TOKEN');
});

test.each([
  '/root/film/@film%2fbunny',
  '/root/film/@film%2Fbunny/-/bunny-1.0.0.tgz',
  '/root/film/bunny/-/../../../x',
  '/root/film/..%2fbunny',
  '/root/film/.%2e/npm/bunny',
  '/root/film/./bunny',
  '//evil.example/bunny',
  '/root/film/bunny/',
  '/root/film/bunny?a=b',
  '/root/film/b%75nny',
  '/root\\film',
  '/-/pipl/v1/status',
  '/',
])('%s is taken apart as a parser of addresses does it', (url) => {
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  const address = addressOf({ url });
  expect([address.pathname, String(address.searchParams)]).toEqual([pathname, String(searchParams)]);
});
