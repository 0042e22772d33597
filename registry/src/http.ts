/** Bodies in, JSON out, errors in the form the asker understands. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { httpStatuses, PiplError, piplError } from '@pipl/packl';

/** Bytes. A packl is small, assets never travel in it; in base64 it grows by a third. */
const largestBody = 128 * 1024 * 1024;

/** @throws PIPL_TOO_BIG PIPL_CUT_SHORT */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > largestBody) {
        throw piplError('invalid', 'PIPL_TOO_BIG', {
          what: 'The request is too big.',
          why: `It has more than ${largestBody} bytes.`,
          hint: 'Big files belong into the asset store: `pipl asset add`.',
        });
      }
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof PiplError) throw error;
    throw piplError('usage', 'PIPL_CUT_SHORT', {
      what: 'The request was cut short.',
      why: (error as Error).message,
      hint: 'Send it again.',
      cause: error,
    });
  }
  return Buffer.concat(chunks);
}

/** @throws PIPL_BODY */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const text = (await readBody(request)).toString();
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

export function answerJson(response: ServerResponse, body: unknown, status = 200): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  });
  response.end(text);
}

/** npm prints `error`; our own clients read the rest. */
const npmBody = (error: PiplError) => ({
  error: [error.message, error.why, error.hint].filter((line) => line !== undefined).join(' '),
  reason: error.why ?? error.message,
  ...error.toJSON(),
});

export function answerError(response: ServerResponse, error: unknown, form: 'npm' | 'pipl'): void {
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
  answerJson(response, form === 'npm' ? npmBody(error) : error, httpStatuses[error.kind]);
}
