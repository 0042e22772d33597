/** A runner asks its server over connections that stay open, and over a new one where the server has closed it. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { expect, test } from 'vitest';
import { fetchKeptAlive } from '../src/kept-alive.ts';

async function serving(answer: RequestListener) {
  const sockets = new Set<Socket>();
  const server = createServer(answer).on('connection', (socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: new URL(`http://127.0.0.1:${port}/`),
    sockets,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const never = new AbortController().signal;
const post = (body: string, signal = never) => ({ method: 'POST', headers: {}, body, signal });
const textOf = async (answer: ReturnType<typeof fetchKeptAlive>) =>
  Buffer.from(await (await answer).arrayBuffer()).toString();

const echo: RequestListener = async (request, response) => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk as Uint8Array);
  response.end(`${request.method} ${request.headers['content-length']} ${Buffer.concat(chunks).toString()}`);
};

test('what is asked one after the other goes over one connection', async () => {
  await using server = await serving(echo);
  expect(await textOf(fetchKeptAlive(server.url, post('Wörter')))).toBe('POST 7 Wörter');
  expect(await textOf(fetchKeptAlive(server.url, { method: 'GET', headers: {}, signal: never }))).toBe(
    'GET undefined ',
  );
  expect(server.sockets.size).toBe(1);
});

test('a connection that the server has closed is no reason to fail; a server that answers nobody is', async () => {
  const served = new WeakSet<Socket>();
  let isOver = false;
  await using server = await serving((request, response) => {
    if (isOver || served.has(request.socket)) return void request.socket.destroy();
    served.add(request.socket);
    return void echo(request, response);
  });
  expect(await textOf(fetchKeptAlive(server.url, post('a')))).toBe('POST 1 a');
  expect(await textOf(fetchKeptAlive(server.url, post('b')))).toBe('POST 1 b');
  expect(server.sockets.size).toBe(2);
  isOver = true;
  await expect(fetchKeptAlive(server.url, post('c'))).rejects.toMatchObject({ code: 'ECONNRESET' });
});

test('a refusal is an answer', async () => {
  await using server = await serving((_, response) => void response.writeHead(404).end('no'));
  expect(await fetchKeptAlive(server.url, post('a'))).toMatchObject({ ok: false, status: 404 });
});

test.each(['before it answers', 'while it answers'])(
  'what is given up %s ends with the reason',
  async (when) => {
    const reason = new Error('enough');
    const stop = new AbortController();
    await using server = await serving((_, response) => {
      if (when === 'while it answers') response.writeHead(200).write('a');
      setImmediate(() => stop.abort(reason));
    });
    await expect(fetchKeptAlive(server.url, post('a', stop.signal))).rejects.toBe(reason);
  },
);
