/**
 * One HTTP request to a registry: JSON in, JSON out, a `PiplError` for everything that goes wrong.
 *
 * Only requests that may be repeated without harm are tried again, and only when the server was not reached.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { errorFromBody, piplError, type PiplError } from '@pipl/packl';

export interface Sent {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

/** What this client needs of `fetch`. Rejects with the signal's reason when it is aborted. */
export type Fetch = (url: URL, sent: Sent) => Promise<Pick<Response, 'ok' | 'status' | 'arrayBuffer'>>;

export interface Connection {
  readonly url: string;
  readonly token: string | undefined;
  readonly fetch: Fetch;
}

export interface Ask {
  readonly method?: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** absolute path on the server, already encoded */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  /** seconds the server may stay silent on purpose */
  readonly wait?: number;
  /** a POST that does no harm when the server takes it twice: asked again when the connection breaks */
  readonly repeatable?: boolean;
}

const patience = 60_000;
const pauses = [100, 300];

const unreachable = (url: string, cause: unknown): PiplError =>
  piplError('unreachable', 'PIPL_SERVER_UNREACHABLE', {
    what: `The server at ${url} does not answer.`,
    why: reasonOf(cause),
    hint: 'Start it with `pipl proj start`; `pipl proj status` says what it finds.',
    cause,
  });

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  const code = (cause as NodeJS.ErrnoException).code;
  return cause.message === '' ? (code ?? cause.name) : cause.message;
}

async function send(connection: Connection, ask: Ask): ReturnType<Fetch> {
  const url = new URL(connection.url + ask.path);
  for (const [key, value] of Object.entries(ask.query ?? {})) {
    if (value !== undefined) url.searchParams.set(key, String(value));
  }
  const timeout = AbortSignal.timeout(patience + (ask.wait ?? 0) * 1000);
  return connection.fetch(url, {
    method: ask.method ?? 'GET',
    headers: {
      ...(connection.token === undefined ? {} : { authorization: `Bearer ${connection.token}` }),
      ...(ask.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(ask.body === undefined ? {} : { body: JSON.stringify(ask.body) }),
    signal: ask.signal === undefined ? timeout : AbortSignal.any([timeout, ask.signal]),
  });
}

/** What the server meant by a status that is not 2xx. */
async function refusalOf(connection: Connection, { status, text }: { status: number; text: string }) {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  const known = errorFromBody(body);
  if (known !== undefined) return known;
  if (status >= 502 && status <= 504) return unreachable(connection.url, `HTTP status ${status}`);
  return piplError(status === 404 ? 'notFound' : status === 401 ? 'auth' : 'invalid', 'PIPL_SERVER_ANSWER', {
    what: `The server at ${connection.url} answered ${status}.`,
    why: text.slice(0, 200),
    hint: 'Is this the address of a pipl project?',
  });
}

/**
 * The bytes of a 2xx answer.
 * @throws PIPL_SERVER_UNREACHABLE; whatever the server refused with
 */
export async function bytesOf(connection: Connection, ask: Ask): Promise<Uint8Array> {
  const tries = ask.method === 'POST' && ask.repeatable !== true ? [] : pauses;
  for (let attempt = 0; ; attempt++) {
    try {
      const response = await send(connection, ask);
      const bytes = new Uint8Array(await response.arrayBuffer());
      if (response.ok) return bytes;
      throw await refusalOf(connection, { status: response.status, text: Buffer.from(bytes).toString() });
    } catch (error) {
      if (ask.signal?.aborted === true) throw error;
      if (error instanceof Error && error.name === 'PiplError') throw error;
      const pause = tries[attempt];
      if (pause === undefined) throw unreachable(connection.url, error);
      await sleep(pause);
    }
  }
}

/** The JSON of a 2xx answer. The shapes are the server's word: it is the other half of this program. */
export async function jsonOf<T>(connection: Connection, ask: Ask): Promise<T> {
  const text = Buffer.from(await bytesOf(connection, ask)).toString();
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    throw piplError('invalid', 'PIPL_SERVER_ANSWER', {
      what: `The server at ${connection.url} did not answer with JSON.`,
      why: text.slice(0, 200),
      hint: 'Is this the address of a pipl project?',
      cause: error,
    });
  }
}
