/** Bodies in, JSON out, errors in the form the asker understands. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { httpStatuses, PiplError, piplError } from '@pipl/packl';
import { TooManyTries } from './people/throttle.ts';
import { inDiskWords } from './publishing/disk-full.ts';
import { refuseDeep, tooBig } from './publishing/stream-json.ts';

/** Bytes of a whole request: a tarball grows by a third in base64. */
const largestBody = 192 * 1024 * 1024;
/** Bytes of JSON: npm sends the whole document of a packl to deprecate one version of it. */
export const largestDocument = 8 * 1024 * 1024;
/** What may still come of a request that was refused; milliseconds and bytes. */
const patience = { time: 5_000, bytes: 2 * largestBody };

const cutShort = (cause: unknown) =>
  piplError('usage', 'PIPL_CUT_SHORT', {
    what: 'The request was cut short.',
    why: (cause as Error).message,
    hint: 'Send it again.',
    cause,
  });

/** @throws PIPL_TOO_BIG PIPL_CUT_SHORT */
export async function* bodyChunks(request: IncomingMessage, most = largestBody): AsyncGenerator<Buffer> {
  const why = `It has more than ${most} bytes.`;
  if (Number(request.headers['content-length'] ?? 0) > most) throw tooBig(why);
  let size = 0;
  // Giving up must not take the connection along: the answer still has to go through it.
  const chunks = request.iterator({ destroyOnReturn: false }) as AsyncIterableIterator<Buffer>;
  try {
    for (;;) {
      const next = await chunks.next().catch((error: unknown) => {
        throw cutShort(error);
      });
      if (next.done === true) return;
      size += next.value.length;
      if (size > most) throw tooBig(why);
      yield next.value;
    }
  } finally {
    await chunks.return?.();
  }
}

/** Reads and forgets what is left of a refused request: a client that still sends would not hear the answer. */
export async function discardRest(request: IncomingMessage): Promise<void> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (request.complete || request.destroyed || announced > patience.bytes) return;
  let size = 0;
  const done = Promise.withResolvers<void>();
  const timer = setTimeout(() => done.resolve(), patience.time);
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > patience.bytes) done.resolve();
  });
  for (const event of ['end', 'close', 'error']) request.once(event, () => done.resolve());
  request.resume();
  await done.promise;
  clearTimeout(timer);
}

/** @throws PIPL_TOO_BIG PIPL_CUT_SHORT */
export async function readBody(request: IncomingMessage, most = largestDocument): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of bodyChunks(request, most)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** @throws PIPL_BODY */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw piplError('usage', 'PIPL_BODY', {
      what: 'The body of the request is no JSON.',
      why: (error as Error).message,
      hint: 'Send JSON.',
      cause: error,
    });
  }
}

/** @throws PIPL_BODY and those of {@link readBody} */
export async function readJson(request: IncomingMessage, most = largestDocument): Promise<unknown> {
  const text = (await readBody(request, most)).toString();
  refuseDeep(text);
  return parsedJson(text);
}

export function answerJson(response: ServerResponse, body: unknown, status = 200): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  });
  response.end(text);
}

/** What is away or starting is asked for again after this. */
const secondsToRetry = 2;

/** npm prints `error`; our own clients read the rest. */
const npmBody = (error: PiplError) => ({
  error: [error.message, error.why, error.hint].filter((line) => line !== undefined).join(' '),
  reason: error.why ?? error.message,
  ...error.toJSON(),
});

/** Where the kind alone would not say it. */
const ownStatuses: Readonly<Record<string, number>> = { PIPL_DISK_FULL: 507 };

export function answerError(response: ServerResponse, failure: unknown, form: 'npm' | 'pipl'): void {
  const error = inDiskWords(failure);
  if (!(error instanceof PiplError)) console.error(error);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  // What was not read of the request would be taken for the next one.
  if (!response.req.complete) response.setHeader('connection', 'close');
  if (!(error instanceof PiplError)) {
    answerJson(response, { error: 'internal server error', reason: 'This is a bug in pipl.' }, 500);
    return;
  }
  if (error.kind === 'auth') {
    // From this word npm knows whether to speak of a password or of a token.
    const isPassword = form === 'npm' && error.code !== 'PIPL_TOKEN' && error.code !== 'PIPL_LOGIN_NEEDED';
    response.setHeader('www-authenticate', isPassword ? 'Basic' : 'Bearer');
  }
  if (error instanceof TooManyTries) response.setHeader('retry-after', error.retryAfter);
  else if (error.kind === 'unreachable') response.setHeader('retry-after', secondsToRetry);
  const status = error instanceof TooManyTries ? 429 : (ownStatuses[error.code] ?? httpStatuses[error.kind]);
  answerJson(response, form === 'npm' ? npmBody(error) : error, status);
}
