/**
 * The line to an upstream registry: who may be called, how long, how much.
 *
 * An upstream that this machine itself is configured for may stand anywhere; it is called on kept connections.
 * Any other must be public, like every address of a tarball on another host than the upstream's: its documents
 * must not lead this server into its own network. Redirects to another host are refused for all.
 */
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, type ZlibOptions } from 'node:zlib';
import { PiplError, piplError } from '@pipl/packl';
import { safeFetch } from '../feed/safe-fetch.ts';

export interface Call {
  readonly headers: Readonly<Record<string, string>>;
  /** milliseconds for all of it */
  readonly patience: number;
  /** bytes that may come */
  readonly largest: number;
  /** bytes that they may be once they are unpacked */
  readonly plain: number;
}

export interface Answer {
  readonly status: number;
  readonly etag: string | null;
  readonly body: Uint8Array;
}

export interface Line {
  /** Any status is an answer. @throws PIPL_UPSTREAM */
  ask(address: string, call: Call): Promise<Answer>;
}

const mostRedirects = 3;
const isRedirect = (status: number) => [301, 302, 303, 307, 308].includes(status);

export const noAnswer = (url: string, why: string, cause?: unknown): PiplError =>
  piplError('unreachable', 'PIPL_UPSTREAM', {
    what: `The upstream registry did not give ${url}.`,
    why,
    hint: 'What was installed before is still served; for the rest, check the network and try again.',
    ...(cause === undefined ? {} : { cause }),
  });

const asUpstream = (address: string, error: unknown): PiplError => {
  if (error instanceof PiplError) {
    return error.code === 'PIPL_UPSTREAM' ? error : noAnswer(address, error.why ?? error.message, error);
  }
  const { cause, message } = error as Error;
  return noAnswer(address, cause instanceof Error && cause.message !== '' ? cause.message : message, error);
};

/** `fetch` has unpacked what comes here. */
async function readAll({ body }: Response, { plain }: Call): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > plain) throw new Error(`The answer has more than ${plain} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Over kept connections, never to another origin. */
async function askNear(address: string, call: Call): Promise<Answer> {
  const signal = AbortSignal.timeout(call.patience);
  let url = new URL(address);
  for (let followed = 0; ; followed++) {
    const response = await fetch(url, { headers: call.headers, signal, redirect: 'manual' });
    const location = response.headers.get('location');
    if (!isRedirect(response.status) || location === null) {
      const body = await readAll(response, call);
      return { status: response.status, etag: response.headers.get('etag'), body };
    }
    await response.body?.cancel();
    const next = new URL(location, url);
    if (followed >= mostRedirects) throw new Error('It redirects again and again.');
    if (next.origin !== url.origin) throw new Error(`It redirects to another host: ${next.origin}.`);
    url = next;
  }
}

const unpackers: Readonly<Record<string, (data: Buffer, options: ZlibOptions) => Promise<Buffer>>> = {
  gzip: promisify<Buffer, ZlibOptions, Buffer>(gunzip),
  deflate: promisify<Buffer, ZlibOptions, Buffer>(inflate),
  br: promisify<Buffer, ZlibOptions, Buffer>(brotliDecompress),
};

async function askFar(
  address: string,
  { headers, plain, ...call }: Call,
  reachable: (host: string) => boolean,
): Promise<Answer> {
  const answer = await safeFetch({
    ...call,
    reachable,
    url: address,
    headers: { ...headers, 'accept-encoding': 'gzip, br' },
    redirects: mostRedirects,
  });
  const unpack = unpackers[answer.headers['content-encoding'] ?? ''];
  const body = unpack === undefined ? answer.body : await unpack(answer.body, { maxOutputLength: plain });
  return { status: answer.status, etag: answer.headers.etag ?? null, body };
}

export interface LineOptions {
  readonly url: string;
  /** whether the upstream's own address may be private */
  readonly near: boolean;
  /** which other private hosts may be called, as root says now */
  readonly reachable: () => Promise<(host: string) => boolean>;
}

export function openLine({ url, near, reachable }: LineOptions): Line {
  const { origin } = new URL(url);
  return {
    async ask(address, call) {
      try {
        const isOwn = URL.parse(address)?.origin === origin;
        if (near && isOwn) return await askNear(address, call);
        return await askFar(address, call, await reachable());
      } catch (error) {
        throw asUpstream(address, error);
      }
    },
  };
}
