/**
 * The outer HTTP server: finds out who asks and for which index, strips `/<owner>/<index>`, and hands on:
 * pipl's API, npm's writes, or Verdaccio for everything else below an index.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { indexName, piplError, type IndexName } from '@pipl/packl';
import { answerApi, type ApiParts } from './api.ts';
import { asking } from './context.ts';
import { answerError } from './http.ts';
import { indexIn, readIndexes } from './indexes.ts';
import { answerNpmWrite } from './npm-writes.ts';
import type { Principal } from './principal.ts';
import type { VerdaccioApp } from './verdaccio/app.ts';

const api = '/-/pipl/v1';
const belowIndex = /^\/([A-Za-z0-9][\w.-]*)\/([A-Za-z0-9][\w.-]*)(\/.*)?$/;

export interface ServerParts extends ApiParts {
  readonly verdaccio: VerdaccioApp;
}

/** A JSON web token: what Verdaccio's web pages carry after a login in their own form. */
const isWebToken = (token: string) => /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token);

/** @throws PIPL_TOKEN */
async function principalOf(
  { tokens }: ServerParts,
  { headers, url = '' }: IncomingMessage,
): Promise<Principal> {
  const { authorization } = headers;
  if (authorization === undefined) return { is: 'anonymous' };
  const token = /^Bearer\s+(\S+)$/i.exec(authorization)?.[1] ?? '';
  if (url.includes('/-/verdaccio/') && isWebToken(token)) return { is: 'anonymous' };
  return tokens.principalOf(token);
}

const noPage = (path: string) =>
  piplError('notFound', 'PIPL_NO_ROUTE', {
    what: `There is nothing at ${path}.`,
    why: 'Indexes stand at /<owner>/<index>/, the API at /-/pipl/v1.',
    hint: '`pipl proj index list-indexes` lists the indexes.',
  });

function redirect(response: ServerResponse, to: string): void {
  response.writeHead(302, { location: to });
  response.end();
}

const wantsShort = ({ headers }: IncomingMessage) =>
  headers.accept?.includes('application/vnd.npm.install-v1+json') === true;

async function answerIndex(
  parts: ServerParts,
  { request, response }: { request: IncomingMessage; response: ServerResponse },
  { index, path }: { index: IndexName; path: string },
): Promise<void> {
  indexIn(await readIndexes(parts.store.db), index);
  const principal = await principalOf(parts, request);
  if (await answerNpmWrite(parts, { request, response, index, path, principal })) return;
  request.url = path;
  const form = wantsShort(request) ? 'short' : 'full';
  const asked = { index, prefix: `/${index}/`, principal, form } as const;
  await asking.run(asked, () => parts.verdaccio.answer(request, response));
}

/** @throws PIPL_ADDRESS for what later parts could not decode */
function addressOf({ url = '/' }: IncomingMessage): URL {
  const address = URL.parse(url, 'http://localhost');
  try {
    decodeURIComponent(url);
    if (address !== null) return address;
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
  }
  throw piplError('usage', 'PIPL_ADDRESS', {
    what: 'The address cannot be read.',
    why: 'A percent sign must be followed by two hex digits of UTF-8.',
    hint: 'Encode the address.',
  });
}

async function answer(parts: ServerParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = addressOf(request);
  if (pathname.startsWith(`${api}/`)) {
    const principal = await principalOf(parts, request);
    await answerApi(parts, {
      request,
      response,
      path: pathname.slice(api.length),
      query: searchParams,
      principal,
    });
    return;
  }
  if (pathname === '/') return redirect(response, `/${parts.store.common}/`);
  // The web pages load their later parts from the root of the server, wherever the page itself stands.
  if (pathname.startsWith('/-/static/')) {
    return answerIndex(parts, { request, response }, { index: parts.store.common, path: request.url ?? '' });
  }
  const [, owner, name, rest] = belowIndex.exec(request.url?.split('?')[0] ?? '') ?? [];
  if (owner === undefined || name === undefined) throw noPage(pathname);
  const index = indexName(`${owner}/${name}`);
  if (rest === undefined) return redirect(response, `/${index}/`);
  const path = (request.url ?? '').slice(`/${index}`.length);
  await answerIndex(parts, { request, response }, { index, path });
}

/** @returns the server, not listening yet, and a promise for the end of what it is doing now */
export function outerServer(parts: ServerParts): { server: Server; idle: () => Promise<void> } {
  const underWay = new Set<Promise<void>>();
  const server = createServer((request, response) => {
    const form = request.url?.startsWith(api) === true ? 'pipl' : 'npm';
    const answering = answer(parts, request, response)
      .catch((error: unknown) => answerError(response, error, form))
      .finally(() => underWay.delete(answering));
    underWay.add(answering);
  });
  const idle = async () => {
    while (underWay.size > 0) await Promise.all(underWay);
  };
  return { server, idle };
}
