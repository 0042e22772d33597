/** The change feed as server-sent events. */
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import { connect as connectTo, type AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { indexName, type Change } from '@pipl/packl';
import { openStreams, streamTimes } from '../src/feed/feed-stream.ts';
import { film, packl, startScene, type Scene } from './scene.ts';
import { storeOf } from './state.ts';

interface Reader {
  /** Whole events so far. */
  readonly text: () => string;
  /** Resolves when the text has what is asked for. */
  until(found: (text: string) => boolean): Promise<string>;
  readonly ended: Promise<void>;
  readonly response: IncomingMessage;
}

const seqs = (text: string) =>
  [...text.matchAll(/^event: change\ndata: (.*)$/gm)].map(([, data]) => changeOf(data!).seq);
const changeOf = (data: string) => JSON.parse(data) as Change;

async function readAt(url: string, headers: Record<string, string> = {}): Promise<Reader> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const request = httpRequest(url, { headers });
  request.once('response', resolve).once('error', reject).end();
  onTestFinished(() => void request.destroy());
  const response = await promise;
  request.on('error', () => undefined);
  let text = '';
  const waiting = new Set<() => void>();
  const ended = new Promise<void>((done) => response.once('close', done));
  response.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
    for (const look of waiting) look();
  });
  return {
    text: () => text,
    response,
    ended,
    until: (found) =>
      new Promise((done) => {
        const look = () => {
          if (!found(text)) return;
          waiting.delete(look);
          done(text);
        };
        waiting.add(look);
        look();
      }),
  };
}

const read = (scene: Scene, path: string, headers?: Record<string, string>) =>
  readAt(`${scene.registry.url}/-/pipl/v1/changes/stream${path}`, headers);

const longChange = (seq: number): Change => ({
  seq,
  index: film,
  op: 'publish',
  name: '@film/a',
  version: `1.0.${seq}`,
  by: 'x'.repeat(10_000),
  at: '2026-01-01T00:00:00.000Z',
});

test('a reader gets what there is and what comes, each change once and in order', async () => {
  await using scene = await startScene();
  await scene.publish(film, await packl('@film/a', '1.0.0'), await packl('@film/b', '1.0.0'));
  const reader = await read(scene, '?since=0');
  await reader.until((text) => seqs(text).includes(4));

  await Promise.all([1, 2, 3, 4].map(async (n) => scene.publish(film, await packl(`@film/c${n}`, '1.0.0'))));
  const text = await reader.until((so) => seqs(so).length >= 8);

  expect(seqs(text)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(reader.response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
});

test('a reader that comes back says which event it saw last, and misses nothing', async () => {
  await using scene = await startScene();
  await scene.publish(film, await packl('@film/a', '1.0.0'));
  await scene.restart();
  await scene.publish(film, await packl('@film/a', '1.1.0'));

  const reader = await read(scene, '?since=0', { 'last-event-id': '3' });
  const text = await reader.until((so) => seqs(so).length > 0);

  expect(seqs(text)).toEqual([4]);
  expect(text).toMatch(/^id: 4$/m);
  const wrong = await read(scene, '', { 'last-event-id': 'x' });
  expect(wrong.response.statusCode).toBe(400);
});

test('who may not read an index is not told of it, and goes on behind what was left out', async () => {
  await using scene = await startScene();
  const closed = indexName('alice/closed');
  const alice = await scene.as('alice');
  await alice.setIndex(closed, { bases: [film], read: ['alice'] });
  await scene.publish(closed, await packl('@film/secret', '1.0.0'));
  await scene.publish(film, await packl('@film/open', '1.0.0'));

  const stranger = await read(scene, '?since=0');
  const owner = await read(scene, '?since=0', { authorization: `Bearer ${alice.token}` });

  expect(seqs(await stranger.until((text) => text.includes('@film/open')))).toEqual([1, 2, 5]);
  expect(seqs(await owner.until((text) => text.includes('@film/open')))).toEqual([1, 2, 3, 4, 5]);
  expect(stranger.text()).not.toContain('secret');
  await scene.publish(closed, await packl('@film/secret', '1.1.0'));
  await stranger.until((text) => text.includes('\nid: 6\n\n'));
  expect(stranger.text()).not.toContain('secret');
});

test('there is a sign of life when nothing happens, and an end when the server closes', async () => {
  await using scene = await startScene({ outlets: { stream: { heartbeat: 20 } } });

  const reader = await read(scene, '');
  await reader.until((text) => text.split('\n: still here').length > 3);
  await scene.restart();

  await reader.ended;
  expect(seqs(reader.text())).toEqual([]);
});

test('a reader is let go after a while', async () => {
  await using scene = await startScene({ outlets: { stream: { longest: 50 } } });

  const reader = await read(scene, '?since=0');
  await reader.ended;

  expect(seqs(reader.text())).toEqual([1, 2]);
});

test('a reader that takes nothing is read nothing more for, and is let go', async () => {
  await using scene = await startScene();
  const store = await storeOf(scene);
  let given = 0;
  // A feed without an end, of long changes: what nobody takes would have to be kept somewhere.
  const endless = async (since: number): Promise<{ changes: Change[]; head: number }> => {
    const changes = Array.from({ length: 100 }, (_, i) => longChange(since + i + 1));
    given += changes.length;
    return { changes, head: since + 1_000 };
  };
  const streams = openStreams(
    { ...store, feed: { ...store.feed, read: endless } },
    { ...streamTimes, stalled: 200 },
  );
  const answered = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    const asked = {
      principal: { is: 'user', name: 'root' },
      since: 0,
      signal: AbortSignal.timeout(30_000),
    } as const;
    streams.answer({ request, response }, asked).then(answered.resolve, answered.reject);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const socket = connectTo(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'));
  socket.on('error', () => undefined).pause();

  await answered.promise;

  // What the system's buffers hold, a few megabytes, and one page.
  expect(given * longChange(1).by.length).toBeLessThan(32 * 1024 * 1024);
  expect(streams.count()).toBe(0);
  socket.destroy();
});

test('readers that wait at the same place share one question', async () => {
  await using scene = await startScene();
  const store = await storeOf(scene);
  let questions = 0;
  const counted: typeof store.feed.read = (...asked) => {
    questions += 1;
    return store.feed.read(...asked);
  };
  const streams = openStreams({ ...store, feed: { ...store.feed, read: counted } });
  const closing = new AbortController();
  const server = createServer((request, response) => {
    const asked = { principal: { is: 'anonymous' }, since: 2, signal: closing.signal } as const;
    void streams.answer({ request, response }, asked);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const readers = await Promise.all(Array.from({ length: 50 }, () => readAt(`http://127.0.0.1:${port}/`)));
  await Promise.all(readers.map(({ until }) => until((text) => text.startsWith('retry'))));
  questions = 0;

  await scene.publish(film, await packl('@film/a', '1.0.0'));
  store.rang();
  await Promise.all(readers.map(({ until }) => until((text) => seqs(text).includes(3))));

  // Some wake a little later than others; nobody asks alone.
  expect(questions).toBeLessThan(15);
  closing.abort();
});
