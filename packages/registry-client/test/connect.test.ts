/** The client against a server that comes and goes. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { indexName } from '@pipl/packl';
import { connect, integrityOf } from '@pipl/registry-client';

const film = indexName('root/film');
const servers: Server[] = [];

async function listen(handler: RequestListener, port = 0): Promise<number> {
  const server = createServer(handler);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
async function stopAll(): Promise<void> {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}
afterEach(stopAll);

const change = (seq: number) => ({ seq, index: film, op: 'publish', name: 'a', version: `1.0.${seq}` });
const answer =
  (body: unknown): RequestListener =>
  (_request, response) =>
    void response.end(JSON.stringify(body));

test('following goes on where it stood when the server comes back', async () => {
  const asked: string[] = [];
  const serve: RequestListener = (request, response) => {
    const since = Number(new URL(request.url ?? '', 'http://x').searchParams.get('since'));
    asked.push(`${since}`);
    response.end(JSON.stringify({ changes: [change(since + 1)], head: since + 1 }));
  };
  const port = await listen(serve);
  const stop = new AbortController();
  const seen: number[] = [];
  for await (const { seq } of connect({ url: `http://127.0.0.1:${port}` }).follow({
    since: 0,
    signal: stop.signal,
  })) {
    seen.push(seq);
    if (seq === 2) {
      await stopAll();
      setTimeout(() => void listen(serve, port), 600);
    }
    if (seq === 4) stop.abort();
  }
  expect(seen).toEqual([1, 2, 3, 4]);
  expect(asked).toEqual(['0', '1', '2', '3']);
});

test('a login is asked again when the connection breaks: a token more does no harm', async () => {
  let requests = 0;
  const port = await listen((request, response) => {
    requests += 1;
    if (requests === 1) request.socket.destroy();
    else answer({ token: 't', user: 'root' })(request, response);
  });
  const { token } = await connect({ url: `http://127.0.0.1:${port}` }).login({ user: 'root', password: '' });
  expect([token, requests]).toEqual(['t', 2]);
});

test('a read is tried again, a release never', async () => {
  let requests = 0;
  const hangUp: RequestListener = (request) => {
    requests += 1;
    request.socket.destroy();
  };
  const client = connect({ url: `http://127.0.0.1:${await listen(hangUp)}/` });
  await expect(client.status()).rejects.toMatchObject({ code: 'PIPL_SERVER_UNREACHABLE', exitStatus: 8 });
  expect(requests).toBe(3);
  await expect(client.release({ index: film, packls: [] })).rejects.toMatchObject({ retryable: true });
  expect(requests).toBe(4);
});

test('bytes that do not match their integrity are not handed out', async () => {
  const port = await listen((_request, response) => void response.end('other bytes'));
  const client = connect({ url: `http://127.0.0.1:${port}` });
  const tarball = (bytes: string) =>
    client.tarball(film, 'a', '1.0.0', { integrity: integrityOf(new TextEncoder().encode(bytes)) });
  expect(Buffer.from(await tarball('other bytes')).toString()).toBe('other bytes');
  await expect(tarball('the bytes')).rejects.toMatchObject({ code: 'PIPL_INTEGRITY' });
});

test('something else at that address is said so', async () => {
  const port = await listen((_request, response) => void response.writeHead(404).end('<html>'));
  await expect(connect({ url: `http://127.0.0.1:${port}` }).status()).rejects.toMatchObject({
    code: 'PIPL_SERVER_ANSWER',
    kind: 'notFound',
  });
  const page = await listen((_request, response) => void response.end('<html>'));
  await expect(connect({ url: `http://127.0.0.1:${page}` }).status()).rejects.toMatchObject({
    kind: 'invalid',
  });
});

test("the server's refusal arrives as the error it was", async () => {
  const refusal = {
    code: 'PIPL_X',
    kind: 'conflict',
    message: 'No.',
    why: 'So.',
    hint: 'Else.',
    problems: ['a', 'b'],
  };
  const port = await listen(
    (_request, response) => void response.writeHead(409).end(JSON.stringify(refusal)),
  );
  await expect(connect({ url: `http://127.0.0.1:${port}` }).users()).rejects.toMatchObject({
    ...refusal,
    exitStatus: 4,
  });
});

test('the token travels, and only when there is one', async () => {
  const seen: (string | undefined)[] = [];
  const port = await listen((request, response) => {
    seen.push(request.headers.authorization);
    answer({ users: [] })(request, response);
  });
  const client = connect({ url: `http://127.0.0.1:${port}` });
  await client.users();
  await client.withToken('pipl_a.b').users();
  expect(seen).toEqual([undefined, 'Bearer pipl_a.b']);
});
