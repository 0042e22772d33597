/**
 * Asks one server as fast as it answers, over a few connections that stay open. A bare socket and a parser that
 * knows only where an answer ends: Node's own client would be busier than the server.
 */
import { connect, type Socket } from 'node:net';

export interface Load {
  readonly url: string;
  readonly connections: number;
  /** The bytes of the next request; undefined when there are no more. */
  readonly next: () => Buffer | undefined;
}

export interface Answered {
  readonly answers: number;
  readonly seconds: number;
  /** of single answers, in the order in which they came */
  readonly milliseconds: readonly number[];
}

const headEnd = Buffer.from('\r\n\r\n');

/** Bytes of the whole answer at the start of `buffer`; undefined while it is not all there. */
function lengthOf(buffer: Buffer): { length: number; status: number; closes: boolean } | undefined {
  const end = buffer.indexOf(headEnd);
  if (end < 0) return undefined;
  const head = buffer.toString('latin1', 0, end);
  const status = Number(head.slice(9, 12));
  const closes = /\r\nconnection: *close/i.test(head);
  const body = end + headEnd.length;
  const stated = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (stated !== undefined) {
    const length = body + Number(stated);
    return buffer.length < length ? undefined : { length, status, closes };
  }
  const last = buffer.indexOf('0\r\n\r\n', body);
  return last < 0 ? undefined : { length: last + 5, status, closes };
}

async function connection(asked: Load, milliseconds: number[]): Promise<void> {
  const { hostname, port } = new URL(asked.url);
  const done = Promise.withResolvers<void>();
  let waiting: Buffer[] = [];
  let began = 0;
  const open = (first: Buffer) => {
    const socket: Socket = connect(Number(port), hostname);
    socket.setNoDelay(true);
    const ask = (request: Buffer) => {
      began = performance.now();
      socket.write(request);
    };
    const leave = () => {
      socket.removeAllListeners('close');
      socket.end();
    };
    socket.on('connect', () => ask(first));
    socket.on('error', done.reject);
    socket.on('close', () => done.reject(new Error(`${asked.url} hung up`)));
    socket.on('data', (chunk: Buffer) => {
      waiting.push(chunk);
      const buffer = waiting.length === 1 ? chunk : Buffer.concat(waiting);
      const whole = lengthOf(buffer);
      if (whole === undefined) {
        waiting = [buffer];
        return;
      }
      if (whole.status >= 400) {
        done.reject(new Error(`${asked.url} answered ${buffer.toString('utf8', 0, 1000)}`));
        socket.destroy();
        return;
      }
      waiting = [];
      milliseconds.push(performance.now() - began);
      const request = asked.next();
      if (request === undefined) {
        leave();
        done.resolve();
      } else if (whole.closes) {
        // devpi-server ends a connection after each upload.
        leave();
        open(request);
      } else ask(request);
    });
  };
  const first = asked.next();
  if (first === undefined) done.resolve();
  else open(first);
  await done.promise;
}

export async function load(ask: Load): Promise<Answered> {
  const milliseconds: number[] = [];
  const began = performance.now();
  await Promise.all(Array.from({ length: ask.connections }, () => connection(ask, milliseconds)));
  const seconds = (performance.now() - began) / 1000;
  return { answers: milliseconds.length, seconds, milliseconds };
}

export interface Request {
  readonly method: 'GET' | 'PUT';
  readonly url: string;
  readonly token?: string | undefined;
  readonly accept?: string;
  readonly body?: string;
}

export function requestBytes({ method, url, token, accept = '*/*', body }: Request): Buffer {
  const { host, pathname } = new URL(url);
  const lines = [
    `${method} ${pathname} HTTP/1.1`,
    `host: ${host}`,
    `accept: ${accept}`,
    ...(token === undefined ? [] : [`authorization: Bearer ${token}`]),
    ...(body === undefined
      ? []
      : ['content-type: application/json', `content-length: ${Buffer.byteLength(body)}`]),
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body ?? ''}`);
}

/** The same request for so many milliseconds. */
export function again(bytes: Buffer, forMilliseconds: number): () => Buffer | undefined {
  const end = performance.now() + forMilliseconds;
  return () => (performance.now() < end ? bytes : undefined);
}
