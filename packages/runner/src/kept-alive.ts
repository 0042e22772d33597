/**
 * Requests to a server on this machine over connections that stay open, by `node:http`: what a run asks is small, and
 * `fetch` takes several times as long to put it together as the server takes to answer. Servers elsewhere are asked by
 * `fetch`, which knows about proxies, redirects and certificates.
 *
 * A request over a connection that the server has closed meanwhile is sent again over a new one: all that a runner
 * asks may be repeated.
 */
import { Agent, request, type IncomingMessage } from 'node:http';
import type { Fetch } from '@pipl/registry-client';

type Answer = Awaited<ReturnType<Fetch>>;
type Asked = Parameters<Fetch>;

const agent = new Agent({ keepAlive: true });
const nearby = new Set(['127.0.0.1', 'localhost', '[::1]']);

export const fetchKeptAlive: Fetch = (url, sent) =>
  url.protocol === 'http:' && nearby.has(url.hostname) ? ask([url, sent]) : fetch(url, sent);

async function ask(asked: Asked): Promise<Answer> {
  try {
    return await askOnce(asked);
  } catch (error) {
    if (!(error instanceof StaleConnection)) throw error;
    return ask(asked);
  }
}

/** Each of them is one that stayed open, so there is an end to them. */
class StaleConnection extends Error {}

function askOnce([url, { method, headers, body = '', signal }]: Asked): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const length = body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const sent = request(url, { agent, method, headers: { ...headers, ...length }, signal });
  let isAnswered = false;
  const fail = (error: NodeJS.ErrnoException) => {
    if (signal.aborted) return reject(signal.reason as Error);
    const isStale = sent.reusedSocket && !isAnswered && ['ECONNRESET', 'EPIPE'].includes(error.code ?? '');
    reject(isStale ? new StaleConnection(error.message, { cause: error }) : error);
  };
  sent.on('error', fail);
  sent.on('response', (response) => {
    isAnswered = true;
    wholeOf(response).then((bytes) => resolve(answerOf(response, bytes)), fail);
  });
  sent.end(body);
  return promise;
}

async function wholeOf(response: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of response) chunks.push(chunk as Uint8Array);
  return new Uint8Array(Buffer.concat(chunks));
}

function answerOf({ statusCode: status = 0 }: IncomingMessage, bytes: Uint8Array<ArrayBuffer>): Answer {
  return { status, ok: status >= 200 && status < 300, arrayBuffer: () => Promise.resolve(bytes.buffer) };
}
