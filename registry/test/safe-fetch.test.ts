/** What the server calls for others: nothing that only its own machine or network can reach. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { isInner } from '../src/feed/addresses.ts';
import { safeFetch, type SafeAsk } from '../src/feed/safe-fetch.ts';
import { refusal } from './scene.ts';

/** A server on this machine, which nobody outside of it may make us call. */
async function inner(listener: RequestListener): Promise<{ port: number; asked: () => number }> {
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, asked: () => asked };
}

const allowed = { reachable: () => true };
const answerOf = (url: string, ask: Partial<SafeAsk> = {}) => refusal(safeFetch({ url, ...ask }));

test.each([
  'http://127.0.0.1',
  'http://127.1',
  'http://0x7f.1',
  'http://0177.0.0.1',
  'http://2130706433',
  'http://0',
  'http://localhost',
  'http://localhost.',
  'http://[::1]',
  'http://[::]',
  'http://[::ffff:127.0.0.1]',
  'http://[::ffff:7f00:1]',
  'http://[::127.0.0.1]',
])('%s is this machine, however it is spelled', async (host) => {
  const { port, asked } = await inner((_, response) => response.end('secret'));

  expect(await answerOf(`${host}:${port}/`)).toBe('PIPL_INNER_ADDRESS');

  expect(asked()).toBe(0);
});

test.each([
  'http://169.254.169.254/latest/meta-data/',
  'http://[fd00:ec2::254]/latest/meta-data/',
  'http://[fe80::1]/',
  'http://10.1.2.3/',
  'http://172.16.0.1/',
  'http://192.168.1.1/',
  'http://100.64.0.1/',
  'http://192.0.2.1/',
  'http://198.18.0.1/',
  'http://224.0.0.1/',
  'http://255.255.255.255/',
  'http://[64:ff9b::a9fe:a9fe]/',
  'http://[2002:7f00:1::]/',
  'http://[fc00::1]/',
  'http://[ff02::1]/',
])('%s is an inner address', async (url) => {
  expect(await answerOf(url)).toBe('PIPL_INNER_ADDRESS');
});

test.each(['file:///etc/passwd', 'gopher://example.org/', 'http://user:secret@example.org/', '//x', ''])(
  '"%s" is no address to call',
  async (url) => {
    expect(await answerOf(url)).toBe('PIPL_INNER_ADDRESS');
  },
);

test('public addresses are none', () => {
  const outer = ['1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700::1', '2a00:1450::1'];

  expect(outer.filter(isInner)).toEqual([]);
});

test('a name that has one inner address among public ones is refused', async () => {
  const resolve = async () => [
    { address: '1.1.1.1', family: 4 },
    { address: '10.0.0.7', family: 4 },
  ];

  expect(await answerOf('http://mixed.example.org/', { resolve })).toBe('PIPL_INNER_ADDRESS');
});

test('a name is resolved once, and the connection goes to that address', async () => {
  const { port, asked } = await inner((_, response) => response.end('secret'));
  let questions = 0;
  // A public address, where nothing listens, for us; whoever resolves the name again is sent to this machine.
  const resolve = async () => [{ address: questions++ === 0 ? '192.88.98.1' : '127.0.0.1', family: 4 }];

  const outcome = await answerOf(`http://localhost:${port}/`, { resolve, patience: 500 });

  expect(outcome).toBe('PIPL_NO_ANSWER');
  expect(questions).toBe(1);
  expect(asked()).toBe(0);
});

test('what root allowed is called at the address that was resolved', async () => {
  const { port, asked } = await inner((_, response) => response.end('hello'));
  const resolve = async () => [{ address: '127.0.0.1', family: 4 }];
  const ask = { url: `http://hooks.studio.lan:${port}/`, resolve };

  const { status, body } = await safeFetch({
    ...ask,
    reachable: (host) => host === `hooks.studio.lan:${port}`,
  });

  expect([status, body.toString(), asked()]).toEqual([200, 'hello', 1]);
  expect(await refusal(safeFetch({ ...ask, reachable: (host) => host === 'other.studio.lan' }))).toBe(
    'PIPL_INNER_ADDRESS',
  );
});

test('a redirect to another host is not followed, not even one that may be called', async () => {
  const other = await inner((_, response) => response.end('secret'));
  const { port } = await inner((_, response) =>
    response.writeHead(302, { location: `http://127.0.0.1:${other.port}/` }).end(),
  );

  expect(await answerOf(`http://127.0.0.1:${port}/`, { ...allowed, redirects: 3 })).toBe(
    'PIPL_INNER_ADDRESS',
  );

  expect(other.asked()).toBe(0);
});

test('redirects on the same host are followed where they are asked for, and not for ever', async () => {
  const { port, asked } = await inner(({ url }, response) => {
    if (url === '/there') response.end('there');
    else response.writeHead(302, { location: url === '/round' ? '/round' : '/there' }).end();
  });
  const url = `http://127.0.0.1:${port}`;

  const followed = await safeFetch({ url: `${url}/here`, ...allowed, redirects: 1 });
  const left = await safeFetch({ url: `${url}/here`, ...allowed });

  expect([followed.body.toString(), left.status, asked()]).toEqual(['there', 302, 3]);
  expect(await answerOf(`${url}/round`, { ...allowed, redirects: 3 })).toBe('PIPL_NO_ANSWER');
  expect(asked()).toBe(3 + 4);
});

test('time and size have an end', async () => {
  const { port } = await inner(({ url }, response) => {
    if (url === '/silent') return;
    if (url === '/drip') {
      const drip = setInterval(() => response.write('.'), 20);
      response.once('close', () => clearInterval(drip));
    } else response.end(Buffer.alloc(100_000, 'x'));
  });
  const url = `http://127.0.0.1:${port}`;

  expect(await answerOf(`${url}/silent`, { ...allowed, patience: 100 })).toBe('PIPL_NO_ANSWER');
  expect(await answerOf(`${url}/drip`, { ...allowed, patience: 100 })).toBe('PIPL_NO_ANSWER');
  expect(await answerOf(`${url}/big`, { ...allowed, largest: 1000 })).toBe('PIPL_NO_ANSWER');
  const { body } = await safeFetch({ url: `${url}/big`, ...allowed, largest: 1000, cut: true });
  expect(body.length).toBe(1000);
});

test('a resolver that never answers takes no longer than the patience', async () => {
  const resolve = () => new Promise<never>(() => undefined);

  expect(await answerOf('http://slow.example.org/', { resolve, patience: 50 })).toBe('PIPL_NO_ANSWER');
});
