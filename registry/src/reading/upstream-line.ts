/**
 * The line to an upstream registry: who may be called, how long, how much.
 *
 * An upstream that this machine itself is configured for may stand anywhere; it is called on kept connections.
 * Any other must be public, like every address of a tarball on another host than the upstream's: its documents
 * must not lead this server into its own network. Redirects to another host are refused for all.
 */
import { pipeline, Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { PiplError, piplError } from '@pipl/packl';
import { safeStream } from '../feed/safe-fetch.ts';

export interface Call {
  readonly headers: Readonly<Record<string, string>>;
  /** milliseconds for all of it */
  readonly patience: number;
  /** bytes that it may have, unpacked */
  readonly largest: number;
}

export interface Answer {
  readonly status: number;
  readonly etag: string | null;
  /** comes when it is asked for. @throws PIPL_UPSTREAM PIPL_UPSTREAM_TOO_BIG */
  readonly body: AsyncIterable<Uint8Array>;
  /** for who does not read the body */
  discard(): void;
}

export interface Line {
  /** Any status is an answer. @throws PIPL_UPSTREAM PIPL_UPSTREAM_TOO_BIG */
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

const megabytes = (bytes: number) => `${Math.round(bytes / 1024 ** 2)} MB`;

/** Trying again would bring as much again: this one is no `unreachable`. */
const tooMuch = (url: string, most: number): PiplError =>
  piplError('invalid', 'PIPL_UPSTREAM_TOO_BIG', {
    what: `What the upstream registry has at ${url} is not taken.`,
    why: `It has more than ${megabytes(most)}, the most that this mirror takes.`,
    hint: 'For a document the owner of the mirror may allow more: `pipl proj index set MIRROR --largest-document MB`.',
  });

const asUpstream = (address: string, error: unknown): PiplError => {
  if (error instanceof PiplError) {
    const isOurs = error.code === 'PIPL_UPSTREAM' || error.code === 'PIPL_UPSTREAM_TOO_BIG';
    return isOurs ? error : noAnswer(address, error.why ?? error.message, error);
  }
  const { cause, message } = error as Error;
  return noAnswer(address, cause instanceof Error && cause.message !== '' ? cause.message : message, error);
};

/** What it has beyond the limit is not read. @param announced bytes, as the answer says */
function capped(
  address: string,
  { announced, most }: { announced: string | null | undefined; most: number },
  body: AsyncIterable<Uint8Array>,
): AsyncIterable<Uint8Array> {
  if (Number(announced ?? 0) > most) throw tooMuch(address, most);
  return (async function* () {
    let size = 0;
    for await (const chunk of body) {
      size += chunk.length;
      if (size > most) throw tooMuch(address, most);
      yield chunk;
    }
  })();
}

/** Over kept connections, never to another origin. `fetch` unpacks what comes. */
async function askNear(address: string, call: Call): Promise<Answer> {
  const signal = AbortSignal.timeout(call.patience);
  let url = new URL(address);
  for (let followed = 0; ; followed++) {
    const response = await fetch(url, { headers: call.headers, signal, redirect: 'manual' });
    const { status, headers, body } = response;
    // Whether it is cancelled in time makes no difference to anybody.
    const discard = () => void body?.cancel().catch(() => undefined);
    const location = headers.get('location');
    if (!isRedirect(status) || location === null) {
      try {
        const announced = headers.get('content-length');
        const chunks = (body ?? []) as AsyncIterable<Uint8Array>;
        return {
          status,
          etag: headers.get('etag'),
          body: capped(address, { announced, most: call.largest }, chunks),
          discard,
        };
      } catch (error) {
        discard();
        throw error;
      }
    }
    discard();
    const next = new URL(location, url);
    if (followed >= mostRedirects) throw new Error('It redirects again and again.');
    if (next.origin !== url.origin) throw new Error(`It redirects to another host: ${next.origin}.`);
    url = next;
  }
}

const unpackers: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

function unpacked(body: AsyncIterable<Buffer>, unpacker: (() => Transform) | undefined) {
  if (unpacker === undefined) return body;
  const plain = unpacker();
  // What goes wrong is thrown to whoever reads `plain`.
  pipeline(Readable.from(body), plain, () => undefined);
  return plain as AsyncIterable<Buffer>;
}

async function askFar(
  address: string,
  { headers, largest, patience }: Call,
  reachable: (host: string) => boolean,
): Promise<Answer> {
  const answer = await safeStream({
    patience,
    // Counted below, unpacked, and with other words.
    largest: Infinity,
    reachable,
    url: address,
    headers: { ...headers, 'accept-encoding': 'gzip, br' },
    redirects: mostRedirects,
  });
  try {
    const { 'content-encoding': encoding = '', 'content-length': announced } = answer.headers;
    const plain = unpacked(answer.body, unpackers[encoding]);
    return {
      status: answer.status,
      etag: answer.headers.etag ?? null,
      body: capped(address, { announced, most: largest }, plain),
      discard: () => answer.close(),
    };
  } catch (error) {
    answer.close();
    throw error;
  }
}

async function* inWords(address: string, body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw asUpstream(address, error);
  }
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
        const { body, ...answer } =
          near && isOwn ? await askNear(address, call) : await askFar(address, call, await reachable());
        return { ...answer, body: inWords(address, body) };
      } catch (error) {
        throw asUpstream(address, error);
      }
    },
  };
}
