/** Login through a page: two addresses, one to open and one to ask; each for one login, ten minutes long. */
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { asking } from './asking.ts';
import { film, startScene } from './scene.ts';

const json = { 'content-type': 'application/json' };

/** A registry with alice in it, and what begins a login at one of its indexes. */
async function opened() {
  const scene = await startScene();
  await scene.registry.setUser('alice', { password: 'carrot' });
  const at = `${scene.registry.url}/${film}/-/v1`;
  const begin = async (body = '{}') =>
    JSON.parse((await asking(`${at}/login`, json, 'POST', body)).text) as {
      loginUrl: string;
      doneUrl: string;
    };
  return { scene, at, begin, [Symbol.asyncDispose]: () => scene[Symbol.asyncDispose]() };
}
const send = (url: string, password = 'carrot', headers: Record<string, string> = {}) =>
  asking(url, headers, 'POST', `username=alice&password=${password}`);

test('the asking program is given a token once somebody has logged in on the page, and only once', async () => {
  await using here = await opened();
  const { loginUrl, doneUrl } = await here.begin();
  const waiting = await asking(doneUrl, {});
  expect([waiting.status, waiting.headers['retry-after']]).toEqual([202, '1']);
  expect((await send(loginUrl)).status).toBe(200);
  const answers = await Promise.all(Array.from({ length: 5 }, () => asking(doneUrl, {})));
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 404, 404, 404, 404]);
  const { token } = JSON.parse(answers.find(({ status }) => status === 200)?.text ?? '') as { token: string };
  expect(await here.scene.anonymous.withToken(token).whoami()).toMatchObject({ name: 'alice' });
  expect((await asking(doneUrl, {})).status).toBe(404);
  expect((await asking(loginUrl, {})).status).toBe(404);
  expect((await send(loginUrl)).status).toBe(404);
});

/** Requests that reach the server in the same moment: pipelined on one connection, read by it in one go. */
async function atOnce(url: string, count: number): Promise<string> {
  const { hostname, host, port, pathname } = new URL(url);
  const socket = connect(Number(port), hostname);
  const one = (more: string) => `GET ${pathname} HTTP/1.1\r\nhost: ${host}\r\n${more}\r\n`;
  socket.write(one('').repeat(count - 1) + one('connection: close\r\n'));
  return text(socket);
}

test('of two programs that ask in the same moment one is given the token', async () => {
  await using here = await opened();
  const { loginUrl, doneUrl } = await here.begin();
  await send(loginUrl);
  const statuses = (await atOnce(doneUrl, 3)).matchAll(/HTTP\/1\.1 (\d+)/g);
  expect([...statuses].map(([, status]) => status).toSorted()).toEqual(['200', '404', '404']);
});

test('who sees the address of the page cannot fetch the token with it', async () => {
  await using here = await opened();
  const { loginUrl, doneUrl } = await here.begin();
  const secret = loginUrl.split('/').at(-1) ?? '';
  expect(doneUrl).not.toContain(secret);
  await send(loginUrl);
  expect((await asking(`${here.at}/done/${secret}`, {})).status).toBe(404);
  expect((await asking(doneUrl, {})).status).toBe(200);
});

test('a wrong password, a form of another site, a login that nobody began: no token', async () => {
  await using here = await opened();
  const { loginUrl, doneUrl } = await here.begin();
  const wrong = await send(loginUrl, 'guess');
  expect([wrong.status, wrong.text]).toEqual([401, expect.stringContaining('role="alert"')]);
  expect((await send(loginUrl, 'carrot', { origin: 'http://evil.example' })).status).toBe(403);
  expect((await send(loginUrl, 'carrot', { origin: 'null' })).status).toBe(403);
  expect((await asking(doneUrl, {})).status).toBe(202);
  expect((await asking(`${here.at}/login/made-up`, {})).status).toBe(404);
  expect((await asking(`${here.at}/done/made-up`, {})).status).toBe(404);
});

test('the page shows what it is told as text, runs nothing and stands in no frame', async () => {
  await using here = await opened();
  const { loginUrl } = await here.begin('{"hostname":"<script>alert(1)</script>"}');
  const page = await asking(loginUrl, {});
  expect(page.text).not.toContain('<script');
  expect(page.text).toContain('&#60;script&#62;alert');
  expect(page.headers['content-security-policy']).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
  expect(page.headers['x-frame-options']).toBe('DENY');
});

test('a password that was changed in between ends the login, and one address begins only so many', async () => {
  await using here = await opened();
  const { loginUrl, doneUrl } = await here.begin();
  await send(loginUrl);
  await here.scene.registry.setUser('alice', { password: 'other' });
  expect((await asking(doneUrl, {})).status).toBe(404);
  const many = await Promise.all(
    Array.from({ length: 40 }, () => asking(`${here.at}/login`, json, 'POST', '{}')),
  );
  expect(many.filter(({ status }) => status === 429).length).toBeGreaterThanOrEqual(10);
});
