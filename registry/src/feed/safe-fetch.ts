/**
 * Calls an address that somebody else chose (a webhook, an upstream registry), so that it cannot be used to
 * reach what only this machine can reach.
 *
 * The name is resolved once, every address it has must be public, and the connection goes to those very
 * addresses: a name that resolves differently a moment later changes nothing. Redirects are followed only on
 * the same origin and only where asked for. Time and size are capped. What root put on the list of reachable
 * hosts may be inner.
 */
import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { once } from 'node:events';
import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { piplError, type PiplError } from '@pipl/packl';
import { isInner } from './addresses.ts';

export interface SafeAsk {
  readonly url: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Milliseconds for all of it. */
  readonly patience?: number;
  /** Bytes of the answer; with `cut` the rest is dropped, else more is refused. */
  readonly largest?: number;
  readonly cut?: boolean;
  /** how many redirects to follow, on the same origin; 0 answers with the redirect itself */
  readonly redirects?: number;
  readonly signal?: AbortSignal;
  /** Whether root allowed this host (`host` or `host:port`, as in the URL) although it is inner. */
  readonly reachable?: (host: string) => boolean;
  readonly resolve?: (host: string) => Promise<readonly LookupAddress[]>;
}

export interface SafeAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export interface SafeStream {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: AsyncIterable<Buffer>;
  /** for who does not read the body */
  close(): void;
}

const defaults = { patience: 10_000, largest: 1024 * 1024 };

const refused = (url: string, why: string): PiplError =>
  piplError('denied', 'PIPL_INNER_ADDRESS', {
    what: `The server does not call ${url}.`,
    why,
    hint: 'Give a public http or https address, or let root allow the host: `pipl proj reach add HOST`.',
  });

const failed = (url: string, why: string, cause?: unknown): PiplError =>
  piplError('unreachable', 'PIPL_NO_ANSWER', {
    what: `${url} gave no answer that can be used.`,
    why,
    hint: 'Check the address, and that it can be reached from the machine of the server.',
    ...(cause === undefined ? {} : { cause }),
  });

/** An http or https URL without a user in it. @throws PIPL_INNER_ADDRESS */
export function outerUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === '') {
    throw refused(text.slice(0, 200), 'It is no http or https address.');
  }
  if (url.username !== '' || url.password !== '') {
    throw refused(`${url.protocol}//${url.host}/`, 'A user or password in an address ends up in logs.');
  }
  return url;
}

const resolveName = (host: string): Promise<readonly LookupAddress[]> =>
  new Promise((resolve, reject) => {
    systemLookup(host, { all: true, verbatim: true }, (error, addresses) =>
      error === null ? resolve(addresses) : reject(error),
    );
  });

/** A resolver knows no signal. */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', onAbort);
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** The addresses to connect to, all of them allowed. @throws PIPL_INNER_ADDRESS PIPL_NO_ANSWER */
async function addressesOf(url: URL, ask: SafeAsk, signal: AbortSignal): Promise<readonly LookupAddress[]> {
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const family = isIP(host);
  let found: readonly LookupAddress[];
  try {
    const resolving =
      family === 0 ? (ask.resolve ?? resolveName)(host) : Promise.resolve([{ address: host, family }]);
    found = await orAborted(resolving, signal);
  } catch (error) {
    throw failed(url.origin, `The name ${host} cannot be resolved.`, error);
  }
  if (found.length === 0) throw failed(url.origin, `The name ${host} has no address.`);
  if (ask.reachable?.(url.hostname) === true || ask.reachable?.(url.host) === true) return found;
  const inner = found.find(({ address }) => isInner(address));
  if (inner === undefined) return found;
  throw refused(
    url.origin,
    `${host === inner.address ? host : `${host} is ${inner.address}, which`} belongs to an inner network.`,
  );
}

/** Hands `http.request` the addresses that were checked, instead of asking again. */
const pinned =
  (addresses: readonly LookupAddress[]): LookupFunction =>
  (_host, { all }, callback) => {
    const [first] = addresses;
    if (all === true) callback(null, [...addresses]);
    else callback(null, first?.address ?? '', first?.family);
  };

async function* bodyOf(response: IncomingMessage, { largest = defaults.largest, cut = false }: SafeAsk) {
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    const room = largest - size;
    if (chunk.length > room && !cut) throw new Error(`The answer has more than ${largest} bytes.`);
    yield chunk.subarray(0, room);
    size += chunk.length;
    if (size > largest) break;
  }
}

async function send(
  url: URL,
  ask: SafeAsk,
  how: { addresses: readonly LookupAddress[]; signal: AbortSignal },
): Promise<{ response: IncomingMessage; close: () => void }> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const body = ask.body === undefined ? undefined : Buffer.from(ask.body);
  const asking: ClientRequest = request(url, {
    method: ask.method ?? 'GET',
    headers: {
      ...ask.headers,
      ...(body === undefined ? {} : { 'content-length': String(body.length) }),
    },
    lookup: pinned(how.addresses),
    signal: how.signal,
    // A connection that was checked for one ask is not kept for another.
    agent: false,
  });
  // What comes after the answer is nobody's business any more; before it, `once` hears it too.
  asking.on('error', () => undefined);
  asking.end(body);
  const close = () => void asking.destroy();
  try {
    const [response] = (await once(asking, 'response')) as [IncomingMessage];
    // Whoever reads it hears it too; nobody may have begun.
    response.on('error', () => undefined);
    return { response, close };
  } catch (error) {
    close();
    throw error;
  }
}

const isRedirect = (status: number) => [301, 302, 303, 307, 308].includes(status);

/** What went wrong with the line, in words; who gave up themselves know why. */
function inWords(error: unknown, { ask, url, time }: { ask: SafeAsk; url: URL; time: AbortSignal }): unknown {
  if (ask.signal?.aborted === true) return error;
  const patience = ask.patience ?? defaults.patience;
  const why = time.aborted ? `It took longer than ${patience / 1000} s.` : (error as Error).message;
  return failed(url.origin, why, error);
}

/**
 * Any status is an answer. Its body comes when it is asked for, and time and size are counted until its end.
 * @throws PIPL_INNER_ADDRESS for what must not be called, PIPL_NO_ANSWER when nothing usable came; so does the body
 */
export async function safeStream(ask: SafeAsk): Promise<SafeStream> {
  const time = AbortSignal.timeout(ask.patience ?? defaults.patience);
  const signal = ask.signal === undefined ? time : AbortSignal.any([time, ask.signal]);
  let url = outerUrl(ask.url);
  for (let followed = 0; ; followed++) {
    const asked = url;
    const addresses = await addressesOf(url, ask, signal);
    const { response, close } = await send(url, ask, { addresses, signal }).catch((error: unknown) => {
      throw inWords(error, { ask, url: asked, time });
    });
    const { statusCode: status = 0, headers } = response;
    if (!isRedirect(status) || headers.location === undefined || (ask.redirects ?? 0) === 0) {
      const body = async function* () {
        try {
          yield* bodyOf(response, ask);
        } catch (error) {
          throw inWords(error, { ask, url: asked, time });
        } finally {
          close();
        }
      };
      return { status, headers, body: body(), close };
    }
    close();
    const { location } = headers;
    if (followed >= (ask.redirects ?? 0)) throw failed(url.origin, 'It redirects again and again.');
    const next = outerUrl(URL.parse(location, url.href)?.href ?? location);
    if (next.origin !== url.origin) throw refused(next.origin, `${url.origin} redirects to another host.`);
    url = next;
  }
}

/** The same, its body read to the end. */
export async function safeFetch(ask: SafeAsk): Promise<SafeAnswer> {
  const { status, headers, body } = await safeStream(ask);
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return { status, headers, body: Buffer.concat(chunks) };
}

/** Whether this address may be called at all; nothing is called. @throws PIPL_INNER_ADDRESS PIPL_NO_ANSWER */
export async function refuseInner(ask: Pick<SafeAsk, 'url' | 'reachable' | 'resolve'>): Promise<void> {
  await addressesOf(outerUrl(ask.url), ask, AbortSignal.timeout(defaults.patience));
}
